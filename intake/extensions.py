"""The addresses by which a questionnaire's file says more than plain FHIR; they are names, and nothing is fetched."""

FHIR = "http://hl7.org/fhir/StructureDefinition/"
TRANSLATION = FHIR + "translation"  # lang, content
ORDINAL = FHIR + "ordinalValue"  # on an option: what it counts
ITEM_CONTROL = FHIR + "questionnaire-itemControl"  # code "help" on a display item: why the item above it is asked
HIDDEN = FHIR + "questionnaire-hidden"
MOST = FHIR + "questionnaire-maxOccurs"
SHORT = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-shortText"  # a word for charts and tables
UNIT = FHIR + "questionnaire-unit"
LEAST = FHIR + "minValue"
GREATEST = FHIR + "maxValue"
ABSENT = FHIR + "data-absent-reason"  # in a response: asked, and passed over

OURS = "https://foreroom.invalid/fhir/"
NOTICE = OURS + "notice"  # on a questionnaire: what is said about its review
PART = OURS + "part"  # on an item: medicines, reach-how, ...
PANEL = OURS + "panel"  # on an item: where its answers stand on the chart of follow-ups
TOPIC = OURS + "topic"  # on an option: a reason's code; choosing it is a topic for a person
SAME_DAY = OURS + "same-day"  # on an item, a danger's code: an answer other than zero must reach a person the same day
SCORE = OURS + "sum"  # on a questionnaire: label, item (several), low, high, band (several: low, high, label)
OWN_WORDS = OURS + "own-words"  # in a response: what was typed where only options are allowed
TO_A_PERSON = OURS + "to-a-person"  # in a response: the visitor would rather tell a person
ANSWERED_AT = OURS + "answered-at"  # in a response: when
