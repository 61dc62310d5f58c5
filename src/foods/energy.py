"""Energy of nutrients, as a European label computes it: Regulation (EU) No 1169/2011, annex XIV."""

from typing import Final

KCAL_PER_G_PROTEIN: Final = 4.0
KCAL_PER_G_CARBOHYDRATE: Final = 4.0
KCAL_PER_G_FIBRE: Final = 2.0
KCAL_PER_G_FAT: Final = 9.0
KCAL_PER_G_ALCOHOL: Final = 7.0


def energy_of(protein_g: float, carbohydrate_g: float, fibre_g: float, fat_g: float, alcohol_g: float) -> float:
    """Energy in kcal of these grams; carbohydrate includes fibre."""
    return (
        KCAL_PER_G_PROTEIN * protein_g
        + KCAL_PER_G_CARBOHYDRATE * (carbohydrate_g - fibre_g)
        + KCAL_PER_G_FIBRE * fibre_g
        + KCAL_PER_G_FAT * fat_g
        + KCAL_PER_G_ALCOHOL * alcohol_g
    )
