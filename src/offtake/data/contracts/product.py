"""The item list: what is sold, in the trade's hierarchy."""

from __future__ import annotations

from offtake.data.contracts.contract import Contract, flag, number, text

PRODUCT = Contract(
    name="product",
    title="Products",
    meaning="Every item that can be sold, ours and competitors', with its place in the hierarchy.",
    grain="one item",
    key=("product_id",),
    columns=(
        text("product_id", "item id, unique; leading zeros are kept", required=True),
        text("gtin", "GTIN-8, -12, -13 or -14 with its check digit", form="gtin"),
        text("description", "what the label says"),
        text("department", "widest level of the hierarchy"),
        text("category", "the market the item competes in"),
        text("subcategory", "the part of the category"),
        text("brand", "brand on the pack"),
        text("manufacturer", "who makes or markets it"),
        text("pack_size", "size as printed, e.g. 10 OZ"),
        number("pack_content", "content of one pack in `pack_measure`", "pack content", low=0),
        text("pack_measure", "measure of the content: g, ml, piece ..."),
        flag("is_private_label", "whether it is a retailer's own brand", default="false"),
        flag(
            "is_merchandise",
            "false for coupons, fees, fuel and other till lines that are not goods on a shelf; "
            "these stay out of all-commodity value",
            default="true",
        ),
        flag(
            "is_listed",
            "false where an item was sold but the source's item list lacks it",
            default="true",
        ),
    ),
)
