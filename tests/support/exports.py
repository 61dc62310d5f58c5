"""Exports of other apps as the tests write them."""

import csv
import io

from src.imports.reading import ImportedSet, ImportedWorkout, RejectedRow, Units, read_export
from src.vocabulary import DistanceUnit, WeightUnit

OSLO = Units(WeightUnit.KG, DistanceUnit.KM, "Europe/Oslo")
UTC_LB = Units(WeightUnit.LB, DistanceUnit.MI, "UTC")

STRONG_OLD = (
    "Date;Workout Name;Exercise Name;Set Order;Weight;Weight Unit;Reps;RPE;Distance;Distance Unit;Seconds;Notes;"
    "Workout Notes;Workout Duration"
)
STRONG = "Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE"
STRONG_NEW = (
    "Workout #;Date;Workout Name;Duration (sec);Exercise Name;Set Order;Weight (kg);Reps;RPE;Distance (meters);"
    "Seconds;Notes;Workout Notes"
)
HEVY = (
    "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,"
    "reps,distance_km,duration_seconds,rpe"
)
HEADERS = {"strong old": STRONG_OLD, "strong": STRONG, "strong new": STRONG_NEW, "hevy": HEVY}

SQUAT = {
    "Date": "2021-02-14 17:05:26",
    "Workout Name": "Evening Workout",
    "Exercise Name": "Squat (Barbell)",
    "Set Order": "1",
    "Weight": "100",
    "Reps": "5",
}
HEVY_SQUAT = {
    "title": "Legs",
    "start_time": "28 Mar 2024, 17:29",
    "end_time": "28 Mar 2024, 18:31",
    "exercise_title": "Squat (Barbell)",
    "set_index": "0",
    "set_type": "normal",
    "weight_kg": "100",
    "reps": "5",
}


def file_of(header: str, *rows: dict[str, str], delimiter: str | None = None) -> list[str]:
    """The lines of a file with this header; a row gives only the cells that matter."""
    old = ";" if ";" in header else ","
    names = header.split(old)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="", extrasaction="ignore", delimiter=delimiter or old)
    writer.writeheader()
    writer.writerows(rows)
    return lines_of(text.getvalue())


def lines_of(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))


def outcome(lines: list[str], units: Units = OSLO) -> tuple[list[ImportedWorkout], dict[int, str]]:
    """The sessions, and the reasons of the rejected rows by row."""
    found = list(read_export(lambda: lines, units))
    reasons = {one.row: one.reason for one in found if isinstance(one, RejectedRow)}
    return [one for one in found if isinstance(one, ImportedWorkout)], reasons


def session_of(lines: list[str], units: Units = OSLO) -> ImportedWorkout:
    """The only session of a file in which nothing is wrong."""
    sessions, reasons = outcome(lines, units)
    assert reasons == {}
    assert len(sessions) == 1
    return sessions[0]


def set_of(header: str, row: dict[str, str], units: Units = OSLO) -> ImportedSet:
    return session_of(file_of(header, row), units).sets[0]


def reason_of(header: str, row: dict[str, str]) -> str:
    sessions, reasons = outcome(file_of(header, row))
    assert sessions == []
    assert list(reasons) == [2]
    return reasons[2]


FITNOTES_DAY = lines_of(
    "Date,Exercise,Category,Weight (lbs),Reps,Distance,Distance Unit,Time\n"
    "2017-06-23,Pushups,Chest,0.0,22,,,\n2017-06-23,Running (Treadmill),Cardio,,,1.23,mi,0:09:21\n"
)


JEFIT = """
### SETTING ##########################################

row_id,USERID,TIMESTAMP,gender,mass
9819,19597,"2026-06-02 07:59:33",M," lbs"


######################################################

### PROFILE ##########################################

row_id,USERID,_id,mydate,weight
22462,19597,1,2013-06-07,253


######################################################

### WORKOUT SESSIONS #################################

rowid,_id,USERID,total_time,starttime,endtime
1,191,19597,3600,1290920400,1290924000


######################################################

### EXERCISE LOGS ####################################

USERID,TIMESTAMP,belongSys,logs,_id,record,mydate,eid,ename,day_item_id,belongsession,logTime,interval_logs,auto_generated
19597,"2019-10-07 21:02:27",1,"50.0x15,55.5x12",1,75,2010-11-28,26,"Dumbbell Bench Press",0,191,1290920400,,
19597,"2019-10-07 21:02:27",1,100x5,2,75,2010-11-28,27,Squat,0,191,1290920400,,
19597,"2019-10-07 21:02:27",1,"10.0x8,0x0",3,75,2012-01-05,28,"Pull Up",0,7,,,
19597,"2019-10-07 21:02:27",1,"many",4,75,2012-01-05,28,"Pull Up",0,7,,,


######################################################

### EXERCISE SET LOGS ################################

_id,userid,exercise_log_id,set_index,weight_lbs,reps,calories,distance_mi,speed_mph,laps,duration,set_type
1,19597,1,0,50.0000,15,,,,,,warm-up
2,19597,1,1,55.5000,12,,,,,,default
3,19597,3,0,,8,,,,,,default
4,19597,3,1,,,,1,,,300,default


######################################################

### CARDIO LOGS ######################################

row_id,TIMESTAMP,USERID,_id,weeklyLogId,eid,belongSys,lap,duration,speed,distance,calorie,mydate
1,"2019-10-07 21:02:30",19597,2,0,28,1,0,1200,0,2,0,2018-01-20
2,"2019-10-07 21:02:30",19597,3,0,999,1,0,1200,0,0,0,2018-01-20


######################################################

### NOTES ############################################

row_id,TIMESTAMP,USERID,_id,eid,belongSys,mynote,title,mydate
1,"2019-10-07 21:02:30",19597,1,26,1,"Slow,
deep",Bench,2010-11-28
2,"2019-10-07 21:02:30",19597,2,26,1,Lost,Bench,2011-11-28


######################################################
"""
