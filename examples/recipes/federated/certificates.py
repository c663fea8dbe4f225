"""Make what the parties of a federation need to know each other by, into a folder.

    python certificates.py FOLDER HOST SITE...

What is there stays, so that a site may be added later. `ca.pem` goes to everybody, `server.pem` and
`server.key` stay with the server, `SITE.key` moves to its site, and `SITE.pub` to the server,
which lets in no other site. A site may as well make its own by `ssh-keygen -t ecdsa -b 384 -f
SITE.key` and send `SITE.key.pub`. The certificates last 365 days, keys of sites as long as they are
registered: remove `ca.pem`, call this again, and give the new one to all. The key under which sites
seal what they tell each other is none of these: the server must not have it.
"""

import datetime as dt
import ipaddress
import os
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DAYS = 365
LOOPBACK = "127.0.0.1"  # where the SuperLink listens behind gate.py
PEM = serialization.Encoding.PEM
PLAIN = serialization.NoEncryption()


def main(folder: str, host: str, *sites: str) -> None:
    """All that is not there yet."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    if not (target / "ca.pem").exists():
        _server(target, host)
    for site in sites:
        if not (target / f"{site}.pub").exists():  # its key may have gone to the site
            _site(target, site)


def _server(target: Path, host: str) -> None:
    """An authority, which nobody keeps, and the server's certificate."""
    authority, server = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ours = _named("federation")
    root = _lasting(x509.CertificateBuilder().issuer_name(ours).subject_name(ours))
    root = root.public_key(authority.public_key())
    root = root.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    (target / "ca.pem").write_bytes(root.sign(authority, hashes.SHA256()).public_bytes(PEM))
    leaf = _lasting(x509.CertificateBuilder().issuer_name(ours).subject_name(_named(host)))
    leaf = leaf.public_key(server.public_key())
    leaf = leaf.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    names = [_address(name) for name in dict.fromkeys([host, LOOPBACK])]
    leaf = leaf.add_extension(x509.SubjectAlternativeName(names), critical=False)
    use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    leaf = leaf.add_extension(use, critical=False)
    known_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    leaf = leaf.add_extension(known_by, critical=False)
    (target / "server.pem").write_bytes(leaf.sign(authority, hashes.SHA256()).public_bytes(PEM))
    pkcs8 = server.private_bytes(PEM, serialization.PrivateFormat.PKCS8, PLAIN)
    _secret(target / "server.key", pkcs8)


def _site(target: Path, site: str) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    _secret(
        target / f"{site}.key", key.private_bytes(PEM, serialization.PrivateFormat.OpenSSH, PLAIN)
    )
    public = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    (target / f"{site}.pub").write_bytes(key.public_key().public_bytes(*public))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _lasting(certificate: x509.CertificateBuilder) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    certificate = certificate.serial_number(x509.random_serial_number())
    certificate = certificate.not_valid_before(now - dt.timedelta(minutes=5))
    return certificate.not_valid_after(now + dt.timedelta(days=DAYS))


def _address(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _secret(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(content)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])
