#!/usr/bin/env bash
# jieba's parts of speech call "thank you", "customer" and "satellite" persons, whatever stands around.
#
# jieba 0.42.1, Python 3.11, Linux. Its tag `nr` is the one for names of persons. The dictionary gives
# it to hundreds of common words that begin with a character that is also a surname, so that whoever
# masks what is tagged nr takes words out of nearly every message, and whoever learns names from that
# list learns them. Seen: 谢谢您 (thank you), 顾客, 卫星 and 阳光 are nr in sentences that name nobody, and 客户, which
# is the other word for customer, is not. Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet jieba==0.42.1
"$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
from jieba import posseg

persons = {
    text: [pair.word for pair in posseg.cut(text) if pair.flag == "nr"]
    for text in ("谢谢您的耐心等待", "顾客要求退款", "卫星已经发射", "阳光照在河面上", "客户要求退款")
}
print(persons)
assert list(persons.values()) == [["谢谢您"], ["顾客"], ["卫星"], ["阳光"], []]
PYTHON
echo "common words are persons"
