"""The commands of whoever signs a release, and of whoever checks that: certify and verify."""

import click

from anonymizer.cli.options import csv_option


@click.command()
@click.argument("output", metavar="OUT")
@click.argument("figures", metavar="FIGURES")
@click.argument("certificate", metavar="CERT")
@click.option("--manifest", metavar="FILE", help="What `mask --manifest` wrote of OUT.")
@click.option(
    "--signing-key",
    required=True,
    metavar="FILE",
    help="Private Ed25519 key, in PEM or as ssh-keygen writes it.",
)
@click.option("--passphrase-env", metavar="NAME", help="Variable with that key's passphrase.")
@click.option("--by", metavar="TEXT", help="Who signs, such as a name and an office.")
@click.option("--despite", metavar="TEXT", help="Why it is released although a figure is red.")
@click.option("--report", metavar="HTML", help="Where to write the certificate as a page.")
@click.option("--overwrite", is_flag=True, help="Replace what is there.")
@csv_option
def certify(
    output: str,
    figures: str,
    certificate: str,
    *,
    manifest: str | None,
    signing_key: str,
    passphrase_env: str | None,
    by: str | None,
    despite: str | None,
    report: str | None,
    overwrite: bool,
    csv: str | None,
) -> None:
    """Sign what was measured of OUT, a table that goes out.

    FIGURES is what --json of `audit` or `check` wrote of it; they say for whom OUT was judged. CERT
    is the certificate, which anybody can check with `verify`.
    """
    from pathlib import Path

    from anonymizer.certificates.certificate import certify as sign
    from anonymizer.files.sources import sources
    from anonymizer.files.targets import check_targets
    from anonymizer.staging import at_once, no_wider_than

    read = [output, *sources(output), *map(Path, filter(None, (figures, manifest, signing_key)))]
    check_targets([certificate, report], overwrite=overwrite, inputs=read)
    found = sign(
        output,
        figures,
        signing_key=signing_key,
        passphrase_variable=passphrase_env,
        manifest=manifest,
        by=by,
        despite=despite,
        csv=csv,
    )
    with at_once(), no_wider_than(*read):
        found.write(certificate)
        if report:
            found.write_html(report)
    said = found.statement
    click.echo(f"for {said['purpose']}, {said['verdict'] or 'not judged'}: {found.output.text}")
    click.echo(f"signed with {found.signature['fingerprint']}; written: {certificate}")


@click.command()
@click.argument("certificate", metavar="CERT")
@click.argument("output", metavar="OUT")
@click.argument("raw", metavar="[RAW]", required=False)
@click.option(
    "--signer",
    required=True,
    metavar="FILE",
    help="Public key of whoever may sign, in PEM or as a line ssh-ed25519.",
)
@click.option("--holdout", metavar="FILE", help="Of synthetic histories, that they were judged by.")
@click.option("--model", metavar="FOLDER", help="Of synthetic histories, if it was attacked.")
@csv_option
def verify(
    certificate: str,
    output: str,
    raw: str | None,
    *,
    signer: str,
    holdout: str | None,
    model: str | None,
    csv: str | None,
) -> None:
    """Check that CERT is of OUT, was signed by SIGNER, and, with RAW, that its figures hold.

    RAW is the table that was masked, or the real histories; with it all figures are measured anew.
    Exits with 1 where anything is not as CERT says, which is named.
    """
    from anonymizer.certificates.verifying import verify as look
    from anonymizer.cli.saying import say, tell_notes
    from anonymizer.console import working

    with working("verifying") as progress:
        found = look(
            certificate,
            output,
            raw,
            signer=signer,
            holdout=holdout,
            model=model,
            csv=csv,
            progress=progress,
        )
    tell_notes(found.notes)
    for fault in found.faults:
        say(fault)
    if not found.accepted:
        raise click.exceptions.Exit(1)
    said = found.statement
    verdict = said["verdict"] or "not judged"
    click.echo(f"accepted: for {said['purpose']}, {verdict}, {said['created']}, {found.signer}")
