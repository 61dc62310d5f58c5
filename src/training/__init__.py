"""Workout plans: their content, how they are generated, and how they adapt to training. The rules are pure functions;
only the two tasks.py talk to the database and to models.

- content.py: the content of a plan. candidates.py: the exercises a person can do. loads.py: loads the equipment allows.
- volume.py: hard sets by muscle, needed and planned.
- history.py: logged sessions, as a day of a plan judges them. progression/: the next targets, computed from those.
- generator/: a new plan, by rules or by a model. adapter/: changes to a plan in use.

Sources of the numbers, as the modules cite them:
ACSM 2009, "Progression models in resistance training for healthy adults" (Med Sci Sports Exerc 41:687);
NSCA, "Essentials of Strength Training and Conditioning", 4th ed. (Haff & Triplett 2016);
Schoenfeld, Ogborn & Krieger 2017, weekly sets and growth (J Sports Sci 35:1073);
Ralston et al. 2017, weekly sets and strength (Sports Med 47:2585);
Bickel et al. 2011, what keeps muscle (Med Sci Sports Exerc 43:1177);
Seiler 2010, distribution of intensity (Int J Sports Physiol Perform 5:276);
Helgerud et al. 2007, four times four minutes (Med Sci Sports Exerc 39:665);
Bell et al. 2024, deloads in practice (Sports Med Open 10:26);
Bosquet et al. 2013, effect of training cessation on muscular performance (Scand J Med Sci Sports 23:e140);
McMaster et al. 2013, development, retention and decay of strength (Sports Med 43:367);
WHO 2020, guidelines on physical activity. Numbers without a source are rules of thumb.
"""
