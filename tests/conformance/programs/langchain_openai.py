# requests: 6
# needs: langchain_openai
"""Questions over a small library of notes: parallel steps, functions, an f-string template, string prompts."""

from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, HumanMessagePromptTemplate, PromptTemplate, SystemMessagePromptTemplate
from langchain_core.runnables import RunnableLambda, RunnablePassthrough
from langchain_openai import ChatOpenAI

NOTES = {"bread": "Knead for ten minutes.", "tea": "Four minutes, then out."}
model = ChatOpenAI(model="gpt-5.5", use_responses_api=False)


def lookup(question: str) -> str:
    return "\n".join(text for name, text in NOTES.items() if name in question)


prompt = ChatPromptTemplate.from_messages(
    [
        SystemMessagePromptTemplate.from_template("You answer from notes, in {language}."),
        HumanMessagePromptTemplate.from_template("Notes: {notes}\nQuestion: {question}"),
    ]
)
answer = (
    {"notes": RunnableLambda(lookup), "question": RunnablePassthrough()}
    | RunnablePassthrough.assign(language=lambda _: "English")
    | prompt
    | model
    | StrOutputParser()
)
title = PromptTemplate.from_template("A title for: {text}") | model


def name_it(text: str) -> str:
    return title.invoke({"text": text}).text


for question in ("How long does bread take?", "How long does tea take?"):
    print(name_it(question), answer.invoke(question))
messages = prompt.format_messages(language="Dutch", notes="none", question="Anything else?")
print(model.invoke(messages).text)
print(model.invoke(ChatPromptTemplate.from_template("Goodbye in {language}").invoke({"language": "Welsh"})).text)
