# requests: 7
# needs: langchain_anthropic
"""A travel desk: messages as objects and pairs, marked content, bound tools; a chain with history."""

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder

RULES = "You plan journeys by train. Night trains first. " * 60
llm = ChatAnthropic(model="claude-sonnet-4-5", max_tokens=200)


def marked(question: str) -> str:
    system = SystemMessage(content=[{"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}])
    return llm.invoke([system, HumanMessage(content=question)]).text


def automatic(question: str) -> str:
    return llm.bind(temperature=0.5).invoke([("system", RULES), ("human", question)], cache_control={"type": "ephemeral"}).text


prompt = ChatPromptTemplate.from_messages(
    [
        ("system", RULES + "The traveller is {traveller}."),
        MessagesPlaceholder("history"),
        ("human", [{"type": "text", "text": "From {start}?"}, {"type": "text", "text": "Answer in a {{short}} line."}]),
    ]
)
chain = prompt.partial(traveller="Ada") | llm | StrOutputParser()


class Desk:
    def __init__(self) -> None:
        self.history: list = []

    def ask(self, start: str) -> str:
        answer = chain.invoke({"start": start, "history": self.history})
        self.history += [HumanMessage(f"From {start}?"), AIMessage(answer)]
        return answer


for place in ("Lisbon", "Riga"):
    print(marked(f"How do I get to {place}?"))
print(automatic("And to Oslo?"))
desk = Desk()
for place in ("Lisbon", "Riga", "Oslo"):
    print(desk.ask(place))
for chunk in llm.stream("Say something about trains."):
    print(chunk.content)
