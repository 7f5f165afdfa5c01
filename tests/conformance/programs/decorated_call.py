# requests: 2
"""Timing and retrying by decorators."""

import functools
import time

import anthropic

client = anthropic.Anthropic()


def timed(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            print(f"{function.__name__} took {time.perf_counter() - start:.2f} s")

    return wrapper


def retry(times):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(times):
                try:
                    return function(*args, **kwargs)
                except anthropic.APIConnectionError:
                    if attempt == times - 1:
                        raise
                    time.sleep(2**attempt)

        return wrapper

    return decorate


@timed
@retry(times=3)
def headline(article: str) -> str:
    response = client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=40,
        system="Write a headline of at most eight words.",
        messages=[{"role": "user", "content": article}],
    )
    return response.content[0].text


headline("The council has approved a new cycle path along the river.")
headline("Rain has delayed the harvest by two weeks.")
