#!/usr/bin/env bash
# Faker with one seed gives other Italian cities in each process.
#
# Faker 40.63.0, Python 3.11, Linux. `seed_instance` promises the same values again. The list of the
# Italian cities is made from a set when the module is imported, so its order follows the hash seed
# of the process, and so does the city that is drawn; city() of de_DE and whole Italian addresses are
# the same each time. Fails if that changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet faker==40.63.0
drawn() {
    PYTHONHASHSEED=$2 "$folder/venv/bin/python" -c "
from faker import Faker
fake = Faker('$1')
fake.seed_instance(1)
print([fake.$3() for _ in range(20)])"
}
[ "$(drawn it_IT 1 city)" != "$(drawn it_IT 2 city)" ]
[ "$(drawn it_IT 1 city)" = "$(drawn it_IT 1 city)" ]
[ "$(drawn it_IT 1 address)" = "$(drawn it_IT 2 address)" ]
[ "$(drawn de_DE 1 city)" = "$(drawn de_DE 2 city)" ]
echo "it_IT cities follow the hash seed"
