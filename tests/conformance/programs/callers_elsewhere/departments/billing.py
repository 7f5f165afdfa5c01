import llm


def explain(question):
    return llm.ask("You explain invoices in plain words.", question, limit=200)
