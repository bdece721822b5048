"""Write the data files of examples/data from the original tables.

Run: python tests/golden/make_examples.py DATA_FOLDER
The same bytes come out on every run.
"""

import gzip
import hashlib
import lzma
import sys
from pathlib import Path

import pandas as pd


EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "data"
HOUSEHOLDS = 200


def csv_bytes(frame: pd.DataFrame, date_format: str) -> bytes:
    text = frame.to_csv(index=False, lineterminator="\n", date_format=date_format)
    return text.encode()


def digest(household: int) -> str:
    return hashlib.sha256(str(household).encode()).hexdigest()


def main(folder: Path) -> None:
    cdnow = pd.read_parquet(folder / "cdnow" / "cdnow_sample.parquet")
    packed = gzip.compress(csv_bytes(cdnow, date_format="%Y-%m-%d"), 9, mtime=0)
    (EXAMPLES / "cdnow_sample.csv.gz").write_bytes(packed)

    retail = pd.read_parquet(
        folder / "online_retail" / "online_retail_2010_2011.parquet"
    ).drop(columns="Description")
    text = csv_bytes(retail, date_format="%Y-%m-%d %H:%M")
    packed = lzma.compress(text, preset=9 | lzma.PRESET_EXTREME)
    (EXAMPLES / "online_retail.csv.xz").write_bytes(packed)

    journey = folder / "complete_journey"
    lines = pd.read_parquet(journey / "transactions.parquet")
    products = pd.read_parquet(journey / "products.parquet")
    chosen = sorted(lines["household_id"].unique().tolist(), key=digest)[:HOUSEHOLDS]
    sample = lines[lines["household_id"].isin(chosen)].merge(
        products[["product_id", "department"]], on="product_id", how="left"
    )[
        [
            "household_id",
            "basket_id",
            "store_id",
            "department",
            "sales_value",
            "retail_disc",
            "coupon_disc",
            "coupon_match_disc",
            "transaction_timestamp",
        ]
    ]
    text = csv_bytes(sample, date_format="%Y-%m-%d %H:%M:%S")
    packed = lzma.compress(text, preset=9 | lzma.PRESET_EXTREME)
    (EXAMPLES / "complete_journey_200.csv.xz").write_bytes(packed)

    told = pd.read_parquet(folder / "graphs" / "diffusion_medInnovations.parquet")
    town = told["city"].astype("int64") * 1000
    doctors = pd.DataFrame(
        {
            "doctor": town + told["id"].astype("int64"),
            "city": told["city"].astype("int64"),
            "first_month": told["toa"].where(told["toa"] < 18).astype("Int64"),
            "office_visits": told["office"].astype("Int64"),
        }
    )
    nominations = pd.concat(
        [
            pd.DataFrame(
                {
                    "doctor": doctors["doctor"],
                    "question": question,
                    "named": (town + told[f"net{net}_{place}"]).astype("Int64"),
                }
            ).dropna()
            for net, question in ((1, "advice"), (2, "discussion"), (3, "friend"))
            for place in (1, 2, 3)
        ]
    ).sort_values(["doctor", "question", "named"])
    text = csv_bytes(doctors.sort_values("doctor"), date_format="%Y-%m-%d")
    (EXAMPLES / "doctors.csv").write_bytes(text)
    text = csv_bytes(nominations, date_format="%Y-%m-%d")
    (EXAMPLES / "doctor_nominations.csv").write_bytes(text)

    for target, source in {
        "bank_marketing.csv.xz": "bank_marketing/bank_marketing_4521.parquet",
        "south_german_credit.csv.xz": "german_credit/south_german_credit.parquet",
    }.items():
        text = csv_bytes(pd.read_parquet(folder / source), date_format="%Y-%m-%d")
        packed = lzma.compress(text, preset=9 | lzma.PRESET_EXTREME)
        (EXAMPLES / target).write_bytes(packed)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
