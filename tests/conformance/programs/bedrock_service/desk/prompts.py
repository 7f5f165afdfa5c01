HOUSE_RULES = (
    "You answer customers of several companies.\n"
    "Be polite. Say when you do not know. Never promise refunds.\n"
) * 12

NOTES = {
    "harbour-office": "The harbour office is open from 8 to 16.",
    "ferry-line": "The ferry leaves every two hours.",
}


def tenant_note(tenant: str) -> str:
    return NOTES.get(tenant, f"Nothing is known about {tenant}.")
