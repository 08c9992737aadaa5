#!/bin/sh
# Two outside tools look at the catalogs too: GNU gettext's msgfmt, and translate-toolkit's pofilter.
# sh tests/catalogs.sh [FILE…]; without files all of locales/. Ends with 1 and says what is wrong.
set -u
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- locales/*/LC_MESSAGES/messages.po
pofilter=.venv/bin/pofilter
wrong=0
for file; do
    said=$(msgfmt --check-format --check-domain -o /dev/null "$file" 2>&1) || { echo "msgfmt: $said"; wrong=1; }
    language=$(basename "$(dirname "$(dirname "$file")")")
    found=$(
        "$pofilter" --progress=none --language="$language" \
            -t nplurals -t variables -t xmltags -t escapes -t newlines -t tabs -t startwhitespace -t endwhitespace \
            -t doublespacing -t options -t compendiumconflicts -t credits "$file" 2>&1 |
            # What is not translated at all is no mistake.
            awk 'BEGIN { RS = "" } (/\(pofilter\)/ && !/msgstr\[0\] ""(\nmsgstr|$)/) || /Traceback/'
        # A form of a plural may say the number in words: no zero, one or two in digits in Arabic.
        "$pofilter" --progress=none --language="$language" -t printf "$file" 2>&1 |
            awk 'BEGIN { RS = "" } (/\(pofilter\)/ && !/msgid_plural/) || /Traceback/'
    )
    [ -z "$found" ] || { printf 'pofilter: %s\n%s\n' "$file" "$found"; wrong=1; }
done
exit $wrong
