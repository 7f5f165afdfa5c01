# requests: 6
# needs: google.genai
"""Answer questions about a garden: options as an object and as a mapping, functions as tools, parts and contents."""

from google import genai
from google.genai import types

client = genai.Client()
GUIDE = "You know everything about small gardens. " * 30


def soil_moisture(bed: str) -> str:
    """How wet a bed is."""
    return "damp"


def sunshine(day: str) -> int:
    """Hours of sunshine on a day."""
    return 6


def advise(bed: str, plant: str) -> str:
    config = types.GenerateContentConfig(
        system_instruction=[GUIDE, f"The bed is called {bed}."],
        tools=[soil_moisture, sunshine],
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )
    response = client.models.generate_content(
        model="gemini-3.6-flash",
        contents=["What does it need?", types.Part.from_text(text=f"The plant is {plant}.")],
        config=config,
    )
    return response.text or ""


def compare_plants(names: list[str]) -> None:
    contents = [types.Content(role="user", parts=[types.Part(text="Which of these grows best in shade?")])]
    contents.append(types.ModelContent("Name them, please."))
    contents.append({"role": "user", "parts": [{"text": name} for name in names]})
    for chunk in client.models.generate_content_stream(
        model="gemini-3.6-flash", contents=contents, config={"system_instruction": GUIDE, "temperature": 0.2}
    ):
        print(chunk.text)


for plant in ("fern", "tomato", "rose"):
    print(advise("north wall", plant))
compare_plants(["hosta", "lavender"])
for bed in ("east", "west"):
    print(client.models.generate_content(model="gemini-3.6-flash", contents=f"Describe the {bed} bed.").text)
