# requests: 4
# segments: 2
"""Two departments in two files ask through one function in a third."""

from departments import billing, support

print(support.reply("My parcel is late."))
print(support.reply("The box was empty."))
print(billing.explain("Why was I charged twice?"))
print(billing.explain("What does the fee stand for?"))
