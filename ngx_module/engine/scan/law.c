/*
 * law.c - does a rule hold here, and for this account?
 *
 * A rule with `jurisdiction` applies where a place is known that lies in one
 * of those it names: the account's (a field of the item, as it is written
 * there or as `places` translates it), the site's, or the reader's.  An
 * unknown place is in no jurisdiction.
 *
 * A rule with `account` or `credit` applies where the host knows the account
 * of the item and both fit.
 */

#include "decide.h"

#include <string.h>


static uint8_t
lower(char c)
{
    return (uint8_t) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}


/* CN is CN, CN-GD, CN-GD/Shenzhen; not CNX */

static int
covers(mdr_str_t law, mdr_str_t place)
{
    uint32_t  i;

    if (law.len == 0 || law.len > place.len) {
        return 0;
    }

    for (i = 0; i < law.len; i++) {
        if (lower(law.data[i]) != lower(place.data[i])) {
            return 0;
        }
    }

    return i == place.len || place.data[i] == '-' || place.data[i] == '/';
}


mdr_str_t
mdr_law_place(const mdr_model_t *m, mdr_str_t text)
{
    uint32_t   i, n;
    mdr_str_t  s;

    for (n = 0; n < 2; n++) {
        for (i = 0; i < m->nplaces; i++) {
            s = m->places[i].name;

            if (s.len == text.len && memcmp(s.data, text.data, s.len) == 0) {
                return m->places[i].code;
            }
        }

        /* behind a label: "IP: Guangdong", with either colon */

        for (i = text.len; i > 0; i--) {
            if (text.data[i - 1] == ':'
                || (i > 2
                    && memcmp(text.data + i - 3, "\xef\xbc\x9a", 3) == 0))
            {
                break;
            }
        }

        if (i == 0 || i == text.len) {
            break;
        }

        while (i < text.len && text.data[i] == ' ') {
            i++;
        }

        text.data += i;
        text.len -= i;
    }

    return text;
}


mdr_str_t
mdr_law_entry(const mdr_decide_in_t *in, const mdr_rule_t *r)
{
    uint32_t   i;
    mdr_str_t  place;

    static const mdr_str_t  none;

    switch (r->law) {

    case MDR_LAW_ACCOUNT:
        place = in->place;
        break;

    case MDR_LAW_SITE:
        place = in->site;
        break;

    case MDR_LAW_READER:
        place = in->jurisdiction;
        break;

    default:
        place = in->place.len != 0 ? in->place : in->jurisdiction;
    }

    for (i = 0; i < r->njurisdictions; i++) {
        if (covers(r->jurisdictions[i], place)) {
            return r->jurisdictions[i];
        }
    }

    return none;
}


int
mdr_law_applies(const mdr_decide_in_t *in, const mdr_rule_t *r)
{
    return r->njurisdictions == 0 || mdr_law_entry(in, r).len != 0
           || (in->anywhere && r->law != MDR_LAW_ACCOUNT
               && (r->law == MDR_LAW_READER || r->law == MDR_LAW_SITE
                   || in->place.len == 0));
}


int
mdr_law_account(const mdr_decide_in_t *in, const mdr_rule_t *r)
{
    uint8_t  credit;

    if (r->accounts == 0 && !r->credit_given) {
        return 1;
    }

    if (!in->account.known
        || (r->accounts != 0 && !(r->accounts >> in->account.state & 1)))
    {
        return 0;
    }

    credit = in->account.credit;

    switch (r->credit_given ? r->credit_op : MDR_OP_EQ + 1) {

    case MDR_OP_GE:
        return credit >= r->credit;

    case MDR_OP_GT:
        return credit > r->credit;

    case MDR_OP_LE:
        return credit <= r->credit;

    case MDR_OP_LT:
        return credit < r->credit;

    default:
        return 1;
    }
}
