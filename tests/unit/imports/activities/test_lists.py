"""Activity lists of Garmin Connect and Strava: columns in languages, units, numbers."""

import io

import pytest

from src.imports.activities.reading import ActivityFormat, ActivityList, detect_activities
from src.imports.activities.sports import find_sport
from src.imports.workouts import ImportedSet, ImportedWorkout, RejectedRow, TooManyRows, Units
from src.vocabulary import DistanceUnit, WeightUnit
from tests.support.activity_files import BEGAN, GARMIN, STRAVA, at

OSLO = Units(WeightUnit.KG, DistanceUnit.KM, "Europe/Oslo")
MILES = Units(WeightUnit.LB, DistanceUnit.MI, "America/New_York")


def read(text: str, units: Units = OSLO) -> list[ImportedWorkout | RejectedRow]:
    assert detect_activities(text.encode()) is ActivityFormat.LIST
    return list(ActivityList(iter(io.StringIO(text, newline="")), units))


def sets(text: str, units: Units = OSLO) -> list[ImportedSet]:
    found = read(text, units)
    assert all(isinstance(workout, ImportedWorkout) for workout in found), found
    return [workout.sets[0] for workout in found if isinstance(workout, ImportedWorkout)]


def values(done: ImportedSet) -> tuple[str, int | None, float | None, int | None, int | None]:
    metres = None if done.distance_m is None else float(done.distance_m)
    return done.exercise, done.duration_seconds, metres, done.average_heart_rate, done.max_heart_rate


def test_the_list_of_garmin() -> None:
    assert [values(done) for done in sets(GARMIN)] == [
        ("Run", 900, 2950, 141, 163),
        ("Freestyle Swim", 2460, 1500, None, None),
        ("Run", 750, 3000, 150, 180),
        ("Strength Training", 3130, None, 108, 141),
    ]
    run = read(GARMIN)[0]
    assert isinstance(run, ImportedWorkout)
    assert (run.started_at, run.ended_at, run.name) == (BEGAN, at(960), "Oslo Running")


def test_miles_and_yards() -> None:
    assert [values(done)[2] for done in sets(GARMIN, MILES)] == [4747.56, 1371.6, 2743.2, None]


def test_the_list_of_strava_has_metres_and_utc() -> None:
    run, ride = read(STRAVA)
    assert isinstance(run, ImportedWorkout)
    assert isinstance(ride, ImportedWorkout)
    assert values(run.sets[0]) == ("Run", 898, 2941.3, 141, 163)
    assert (run.started_at, run.ended_at, run.notes) == (at(4), at(964), "Felt good")
    assert values(ride.sets[0]) == ("Outdoor Cycling", 3500, 20101.5, None, None)


def test_what_is_left_out_is_named() -> None:
    lines = iter(io.StringIO(GARMIN))
    assert ActivityList(lines, OSLO).ignored == [
        "Favorite",
        "Calories",
        "Avg Pace",
        "Total Ascent",
        "Moving Time",
    ]


# The first nine columns of a list in each language, and what it calls a run.
HEADERS = {
    "de": ("Aktivitätstyp,Datum,Favorit,Titel,Distanz,Kalorien,Zeit,Ø HF,Max. HF", "Laufen"),
    "fr": (
        "Type d'activité,Date,Favori,Titre,Distance,Calories,Durée,Fréquence cardiaque moyenne,"
        "Fréquence cardiaque maximale",
        "Course à pied",
    ),
    "es": (
        "Tipo de actividad,Fecha,Favorito,Título,Distancia,Calorías,Tiempo,Frecuencia cardiaca media,FC máxima",
        "Carrera",
    ),
    "it": ("Tipo di attività,Data,Preferita,Titolo,Distanza,Calorie,Tempo,FC Media,FC max", "Corsa"),
    "pt": ("Tipo de atividade,Data,Favorito,Título,Distância,Calorias,Tempo,FC Média,FC máxima", "Corrida"),
    "pl": ("Typ aktywności,Data,Ulubiony,Tytuł,Dystans,Kalorie,Czas,Średnie tętno,Maksymalne tętno", "Bieganie"),
    "da": ("Aktivitetstype,Dato,Favorit,Titel,Distance,Kalorier,Tid,Gennemsnitlig puls,Maks. puls", "Løb"),
    "nb": ("Aktivitetstype,Dato,Favoritt,Tittel,Distanse,Kalorier,Tid,Gjennomsnittlig puls,Makspuls", "Løping"),
    "hu": ("Tevékenység típusa,Dátum,Kedvenc,Cím,Távolság,Kalóriaszám,Idő,Átlagos pulzusszám,Max. pulzus", "Futás"),
    "ja": ("アクティビティタイプ,日付,お気に入り,タイトル,距離,カロリー,タイム,平均心拍数,最大心拍数", "ラン"),
    "zh": ("活动类型,日期,我的最爱,标题,距离,热量消耗,时间,平均心率,最大心率", "跑步"),
}


@pytest.mark.parametrize("language", HEADERS)
@pytest.mark.parametrize("kilometres", ["5.48", "5,48"])
def test_garmin_in_its_languages(language: str, kilometres: str) -> None:
    header, run = HEADERS[language]
    row = f'{run},2026-05-04 18:12:31,false,"x","{kilometres}",1,00:31:24,"153","176"'
    assert [values(done) for done in sets(f"{header}\n{row}\n")] == [("Run", 1884, 5480, 153, 176)]


STRAVA_LISTS = {
    "de": (
        "Aktivitäts-ID,Aktivitätsdatum,Name der Aktivität,Aktivitätsart,Verstrichene Zeit,Distanz,Bewegungszeit,"
        "Distanz",
        '1,"04.05.2026, 16:12:31",x,Lauf,900,"2,81",880,2810.5',
    ),
    "fr": (
        "ID de l'activité,Date de l'activité,Nom de l'activité,Type d'activité,Temps écoulé,Distance,"
        "Durée de déplacement,Distance",
        '1,"4 mai 2026 à 16:12:31",x,Course à pied,900,"2,81",880,2810.5',
    ),
    "nl": (
        "Activiteits-ID,Datum van activiteit,Naam activiteit,Activiteitstype,Verstreken tijd,Afstand,Beweegtijd,"
        "Afstand",
        '1,4 mei 2026 16:12:31,x,Hardloopsessie,900,"2,81",880,2810.5',
    ),
    "es": (
        "ID de actividad,Fecha de la actividad,Nombre de la actividad,Tipo de actividad,Tiempo transcurrido,Distancia,"
        "Tiempo en movimiento,Distancia",
        '1,"4 may 2026, 16:12:31",x,Carrera,900,"2,81",880,2810.5',
    ),
    "before 2019": (
        "id,date,name,type,description,elapsed_time,distance,commute,gear,filename",
        "1,2026-05-04 16:12:31,x,Run,,880,2810.5,false,,activities/1.gpx",
    ),
}


@pytest.mark.parametrize("name", STRAVA_LISTS)
def test_strava_in_its_languages(name: str) -> None:
    (run,) = read("\n".join(STRAVA_LISTS[name]))
    assert isinstance(run, ImportedWorkout)
    assert (run.started_at, values(run.sets[0])) == (BEGAN, ("Run", 880, 2810.5, None, None))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("2026-05-04 18:12:31", "yesterday"), "date"),
        (('"2.95"', '"far"'), "distance is not a number"),
        (('"00:15:00"', '"quarter"'), "time"),
        (('"2.95"', '"295.00"'), "unit is not clear"),
        (('"141","163"', '"141"'), "columns"),
        (('"2.95"', '"--"'), "neither a distance nor a duration"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_says_why(change: tuple[str, str], word: str) -> None:
    text = "\n".join(GARMIN.splitlines()[:2]).replace(*change)
    if word.startswith("neither"):
        text = text.replace('"00:15:00"', "--").replace('"00:16:00"', "--")
    (refused,) = read(text)
    assert isinstance(refused, RejectedRow)
    assert (refused.row, word in refused.reason) == (2, True), refused


def test_two_of_a_minute_have_keys_of_their_own() -> None:
    header, run = GARMIN.splitlines()[:2]
    first, second = read(f"{header}\n{run}\n{run}\n")
    assert isinstance(first, ImportedWorkout)
    assert isinstance(second, ImportedWorkout)
    assert first.key != second.key


def test_too_many_rows_are_refused_before_any_workout() -> None:
    header, run = GARMIN.splitlines()[:2]
    found = ActivityList(iter([f"{header}\n", *[f"{run}\n"] * 3]), OSLO, max_rows=2)
    with pytest.raises(TooManyRows):
        next(iter(found))


def test_other_tables_are_no_lists() -> None:
    for text in ("Date,Workout Name,Exercise Name\n", "a,b\n", "", "\x00\x01", "title,start_time\n", "<html></html>"):
        assert detect_activities(text.encode()) is None


def test_words_of_sports_are_read_however_they_are_written() -> None:
    for word in ("trail_running", "Trail Running", "TRAIL-RUNNING", "trail  running"):
        assert (find_sport(word) or ("",))[0] == "Trail Run"
    assert find_sport("knitting") is None
