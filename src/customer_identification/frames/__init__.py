"""Data frames and objects at the border: columns in as numpy arrays, frames out.

No other room knows what a data frame is. Whatever the host brings (pandas, Polars
or PyArrow, or an iterable of objects) leaves here as plain numpy arrays in which
missing is a mask or -1, a day is a whole number and money is whole minor units.
"""

from customer_identification.frames._common import (
    is_missing,
    plain,
    reporting,
    wrong_type,
)
from customer_identification.frames.days import (
    check_zone,
    read_days,
    to_date,
    to_day,
    to_zone,
)
from customer_identification.frames.ids import (
    Coded,
    Ids,
    read_codes,
    read_ids,
    read_whole,
    read_words,
)
from customer_identification.frames.index import (
    CustomerIndex,
    read_column,
    read_indexed_ids,
)
from customer_identification.frames.mixed import read_mixed
from customer_identification.frames.money import Money, read_flags, read_money
from customer_identification.frames.numbers import (
    is_by_id,
    read_numbers,
    read_numbers_by_id,
    read_numbers_of,
    to_float,
)
from customer_identification.frames.renaming import read_new_ids, replace_ids
from customer_identification.frames.table import (
    Labels,
    Table,
    names_of,
    names_there,
    read_table,
    to_frame,
)


__all__ = [
    "Coded",
    "CustomerIndex",
    "Ids",
    "Labels",
    "Money",
    "Table",
    "check_zone",
    "is_by_id",
    "is_missing",
    "names_of",
    "names_there",
    "plain",
    "read_codes",
    "read_column",
    "read_days",
    "read_flags",
    "read_ids",
    "read_indexed_ids",
    "read_mixed",
    "read_money",
    "read_new_ids",
    "read_numbers",
    "read_numbers_by_id",
    "read_numbers_of",
    "read_table",
    "read_whole",
    "read_words",
    "replace_ids",
    "reporting",
    "to_date",
    "to_day",
    "to_float",
    "to_frame",
    "to_zone",
    "wrong_type",
]
