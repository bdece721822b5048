"""What is known of parties beside their purchases."""

from customer_identification.attributes.reading import attribute_table
from customer_identification.attributes.table import (
    ATTRIBUTE_GROUPS,
    AttributeGroup,
    AttributeTable,
    is_known,
    numbers_of,
    words_of,
)


__all__ = [
    "ATTRIBUTE_GROUPS",
    "AttributeGroup",
    "AttributeTable",
    "attribute_table",
    "is_known",
    "numbers_of",
    "words_of",
]
