#!/usr/bin/env python3
"""readings.py TITLES: the second and the third reading of labelled titles.

Prints lines of TITLES (label, tab, title) with the labels that two more readers
gave them (readings.txt), for `moderationctl learn TITLES READINGS`: a title
has the label that most lines give it and counts as often as these are more.
Of the second reader only what was otherwise, or without doubt, is a line; of the
third every title that was read.
"""

import os
import sys

READ_FROM = 241                 # the titles before were not read again


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    here = os.path.dirname(os.path.abspath(__file__))
    numbers = {'other': set(), 'clear': set(), 'third': set()}
    kind = None
    with open(os.path.join(here, 'readings.txt'), encoding='utf-8') as f:
        for line in f:
            words = line.split()
            if words and words[0] in numbers:
                kind = words[0]
            elif words and words[0].isdigit():
                numbers[kind].update(map(int, words))
    with open(sys.argv[1], encoding='utf-8', newline='\n') as f:
        titles = [line.rstrip('\n').split('\t', 1) for line in f]
    for i, (label, title) in enumerate(titles):
        if i in numbers['other']:
            print('%d\t%s' % (1 - int(label), title))
        elif i in numbers['clear']:
            print('%s\t%s' % (label, title))
    for i, (_, title) in enumerate(titles):
        if i >= READ_FROM:
            print('%d\t%s' % (i in numbers['third'], title))


if __name__ == '__main__':
    main()
