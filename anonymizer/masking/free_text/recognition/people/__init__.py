"""People by the words around them, in some twenty languages, and by lists of names.

words.py       titles, greetings, closings, keys and what else stands beside a name
names.py       what a name looks like, and which names are known
beside.py      names behind titles, greetings, statements and keys, and above signatures
lines.py       speakers of a chat, headers of an e-mail, what is quoted
east_asian.py  Chinese, Japanese and Korean names
finding.py     all of them in a text; who was found once is found everywhere
"""

from anonymizer.masking.free_text.recognition.people.finding import may_hold_people, people

__all__ = ["may_hold_people", "people"]
