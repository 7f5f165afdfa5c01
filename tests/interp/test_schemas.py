"""Schemas of models: what the evaluator writes is what pydantic writes."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from tests.interp.revealing import reveal

HEAD = """
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, Dict, List, Literal, Optional, Union
from pydantic import BaseModel, ConfigDict, Field
"""

MODELS = {
    "plain": """
class Model(BaseModel):
    '''What it is.

    More of it.
    '''
    city: str
    day_count: int = 3
    ratio: float = 0.5
    on: bool
    note: str = "n"
""",
    "described": """
class Model(BaseModel):
    a: str = Field(description="An 'a'")
    b: int = Field(5, description="B", ge=1, lt=10)
    c: str = Field(..., min_length=2, max_length=5, pattern="^x")
    d: Annotated[int, Field(description="D", gt=0)] = 2
    e: list[str] = Field(default_factory=list, description="E", max_length=3)
    f: str = Field(alias="other", title="Title", examples=["x"])
""",
    "types": """
class Model(BaseModel):
    a: list[int]
    b: List[str]
    c: dict[str, int]
    d: Dict[str, Any]
    e: Optional[str] = None
    f: int | None = None
    g: Union[int, str]
    h: Literal["x", "y"]
    i: Literal["only"] = "only"
    j: datetime
    k: date
    l: Any
    m: list
    n: dict
    o: "list[str]"
    p: set[int]
""",
    "others": """
class Color(Enum):
    RED = "red"
    BLUE = "blue"

class Inner(BaseModel):
    '''Inside.'''
    x: int

class Base(BaseModel):
    first: str

class Model(Base):
    color: Color
    inner: Inner
    many: list[Inner]
    maybe: Inner | None = None
    last: Color = Field(description="L")
""",
    "configured": """
class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    a: str
""",
    "empty": """
class Model(BaseModel):
    pass
""",
}


@pytest.mark.parametrize("name", MODELS)
def test_schema_of_a_model_is_pydantics(name: str, tmp_path: Path) -> None:
    source = HEAD + MODELS[name]
    (tmp_path / "real.py").write_text(source, "utf-8")
    real = runpy.run_path(str(tmp_path / "real.py"))["Model"].model_json_schema()
    ((_, seen),) = reveal(source + "import json\nreveal(json.dumps(Model.model_json_schema()))\n", tmp_path)
    assert seen.replace("\\\\n", "\\n") == json.dumps(real)


UNKNOWN = {
    "validator": (
        "class Model(BaseModel):\n    a: str\n    b: 'tuple[int, str]'\n",
        "{'a': {'title': 'A', 'type': 'string'}, 'b': {schema of Model.b}}",
    ),
    "extra": ("class Model(BaseModel):\n    a: str = Field(json_schema_extra={'x': 1})\n", "{'a': {schema of Model.a}}"),
    "config": (
        "class Model(BaseModel):\n    model_config = ConfigDict(title='T')\n    a: str\n",
        "{Model.model_json_schema()['properties']}",
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_is_a_hole(name: str, tmp_path: Path) -> None:
    source, expected = UNKNOWN[name]
    assert reveal(f"{HEAD}{source}reveal(Model.model_json_schema()['properties'])", tmp_path)[0][1] == expected
