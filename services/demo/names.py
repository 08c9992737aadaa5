"""Names of the demo's people, by community, and how each community hands names down.

The tables hold common given and family names; no real person is meant.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import NamedTuple


class Name(NamedTuple):
    """A person's name as OneRoster cuts it: given, middle (may be blank), family (never blank)."""

    given: str
    middle: str
    family: str

    @property
    def display(self) -> str:
        """Given, middle and family name with single spaces."""
        return " ".join(part for part in self if part)


@dataclass(frozen=True)
class Community:
    """Name tables of one community, its share of families and the language some of them speak at home.

    `race` is the demographics column to set, `style` one of STYLES below.
    """

    share: float
    style: str
    race: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]
    language: str = "en"
    language_share: float = 0.0
    hispanic: bool = False


@dataclass(frozen=True)
class Lineage:
    """The parents' names of one family and the rule that names their children."""

    community: Community
    mother: Name
    father: Name

    def child(self, rng: Random, sex: str, taken: frozenset[str] = frozenset()) -> Name:
        """A child's name; `taken` are given names of brothers and sisters."""
        pool = self.community.women if sex == "female" else self.community.men
        given = _pick_other(rng, pool, taken | {self.mother.given, self.father.given})
        return STYLES[self.community.style].child(rng, self, given, sex)


@dataclass(frozen=True)
class _Style:
    parents: Callable[[Random, Community], tuple[Name, Name]]
    child: Callable[[Random, Lineage, str, str], Name]


def _pick_other(rng: Random, pool: tuple[str, ...], taken: frozenset[str]) -> str:
    """One of `pool` that is not in `taken`, if there is one."""
    free = [name for name in pool if name not in taken]
    return rng.choice(free or pool)


def lineage(rng: Random, community: Community) -> Lineage:
    """Names both parents of a new family in that community's way."""
    mother, father = STYLES[community.style].parents(rng, community)
    return Lineage(community, mother, father)


def pick_community(rng: Random) -> Community:
    """A community, drawn by its share of families."""
    return rng.choices(COMMUNITIES, _SHARES)[0]


def relative(rng: Random, sex: str, like: Name, community: Community) -> Name:
    """A grandparent, aunt, uncle or step-parent who shares the family name of `like`."""
    return Name(
        _pick_other(rng, community.women if sex == "female" else community.men, frozenset({like.given})),
        "",
        like.family,
    )


# How names are handed down -------------------------------------------------------------------------------


def _shared_parents(rng: Random, group: Community) -> tuple[Name, Name]:
    family = rng.choice(group.families)
    hers = family if rng.random() < 0.75 else rng.choice(group.families)
    return Name(rng.choice(group.women), "", hers), Name(rng.choice(group.men), "", family)


def _shared_child(rng: Random, line: Lineage, given: str, sex: str) -> Name:
    family = line.father.family
    if line.mother.family != family and rng.random() < 0.3:
        family = f"{line.mother.family}-{family}"
    return Name(given, rng.choice(_MIDDLE) if rng.random() < 0.4 else "", family)


def _own_parents(rng: Random, group: Community) -> tuple[Name, Name]:
    """The mother keeps her own family's name."""
    family = rng.choice(group.families)
    hers = _pick_other(rng, group.families, frozenset({family}))
    return Name(rng.choice(group.women), "", hers), Name(rng.choice(group.men), "", family)


def _fathers_child(rng: Random, line: Lineage, given: str, sex: str) -> Name:
    return Name(given, "", line.father.family)


def _spanish_parents(rng: Random, group: Community) -> tuple[Name, Name]:
    one, two, three, four = rng.sample(group.families, 4)
    return Name(rng.choice(group.women), "", f"{one} {two}"), Name(rng.choice(group.men), "", f"{three} {four}")


def _spanish_child(rng: Random, line: Lineage, given: str, sex: str) -> Name:
    """First surname of the father, then first surname of the mother."""
    return Name(given, "", f"{line.father.family.split()[0]} {line.mother.family.split()[0]}")


def _vietnamese_parents(rng: Random, group: Community) -> tuple[Name, Name]:
    mother, father = _own_parents(rng, group)
    return mother._replace(middle="Thị"), father._replace(middle=rng.choice(("Văn", "Đức", "Quang", "Hữu")))


def _vietnamese_child(rng: Random, line: Lineage, given: str, sex: str) -> Name:
    middle = rng.choice(("Thị", "Ngọc", "Thanh", "Minh") if sex == "female" else ("Văn", "Gia", "Minh", "Quốc"))
    return Name(given, middle, line.father.family)


def _somali_parents(rng: Random, group: Community) -> tuple[Name, Name]:
    """Own name, father's name, grandfather's name: nobody shares a family name by marriage."""
    return (Name(rng.choice(group.women), *rng.sample(group.men, 2)), Name(*rng.sample(group.men, 3)))


def _somali_child(rng: Random, line: Lineage, given: str, sex: str) -> Name:
    return Name(given, line.father.given, line.father.middle)


def _arabic_child(rng: Random, line: Lineage, given: str, sex: str) -> Name:
    return Name(given, line.father.given, line.father.family)


def _ethiopian_parents(rng: Random, group: Community) -> tuple[Name, Name]:
    his, hers = rng.sample(group.men, 2)
    return (
        Name(rng.choice(group.women), "", hers),
        Name(_pick_other(rng, group.men, frozenset({his, hers})), "", his),
    )


def _ethiopian_child(rng: Random, line: Lineage, given: str, sex: str) -> Name:
    """The father's given name stands where others have a family name."""
    return Name(given, "", line.father.given)


def _feminine(family: str) -> str:
    """Kowalski → Kowalska, as Polish families write it."""
    return family[:-1] + "a" if family.endswith(("ski", "cki", "dzki")) else family


def _polish_parents(rng: Random, group: Community) -> tuple[Name, Name]:
    family = rng.choice(group.families)
    return Name(rng.choice(group.women), "", _feminine(family)), Name(rng.choice(group.men), "", family)


def _polish_child(rng: Random, line: Lineage, given: str, sex: str) -> Name:
    family = line.father.family
    return Name(given, "", _feminine(family) if sex == "female" else family)


def _sikh_parents(rng: Random, group: Community) -> tuple[Name, Name]:
    return Name(rng.choice(group.women), "", "Kaur"), Name(rng.choice(group.men), "", "Singh")


def _sikh_child(rng: Random, line: Lineage, given: str, sex: str) -> Name:
    return Name(given, "", "Kaur" if sex == "female" else "Singh")


def _filipino_parents(rng: Random, group: Community) -> tuple[Name, Name]:
    maiden, family, other = rng.sample(group.families, 3)
    return Name(rng.choice(group.women), maiden, family), Name(rng.choice(group.men), other, family)


def _filipino_child(rng: Random, line: Lineage, given: str, sex: str) -> Name:
    """The mother's maiden name is the child's middle name."""
    return Name(given, line.mother.middle, line.father.family)


STYLES = {
    "shared": _Style(_shared_parents, _shared_child),
    "own": _Style(_own_parents, _fathers_child),
    "spanish": _Style(_spanish_parents, _spanish_child),
    "vietnamese": _Style(_vietnamese_parents, _vietnamese_child),
    "somali": _Style(_somali_parents, _somali_child),
    "arabic": _Style(_own_parents, _arabic_child),
    "ethiopian": _Style(_ethiopian_parents, _ethiopian_child),
    "polish": _Style(_polish_parents, _polish_child),
    "sikh": _Style(_sikh_parents, _sikh_child),
    "filipino": _Style(_filipino_parents, _filipino_child),
}


# Tables --------------------------------------------------------------------------------------------------


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.replace("_", " ") for name in text.split())


_MIDDLE = _names("Ann James Lee Marie Grace Michael Rose Jean Thomas Lynn Scott Kay Alan Jo Ray Elise Dean Faye")

COMMUNITIES = (
    Community(
        0.36,
        "shared",
        "white",
        _names(
            "Emily Sarah Megan Hannah Lauren Claire Abigail Rachel Amy Heather Nicole Katherine Molly "
            "Paige Brooke Erin Holly Audrey Tessa Zoë Chloé Renée Sadie Ruby"
        ),
        _names(
            "Jacob Ryan Tyler Matthew Andrew Luke Nathan Evan Cole Owen Peter Scott Eric Brian Wesley "
            "Grant Dylan Ian Henry Theo Max Jack Carter André"
        ),
        _names(
            "Miller Anderson Clark Hughes Bennett Foster Palmer Reed Griffin Sutton Barrett Doyle Keller "
            "Lawson Whitaker Schultz Larsen Becker O'Brien O'Neill D'Angelo McCarthy St._Clair "
            "Van_der_Berg MacLeod Müller Søndergaard Lévesque Hale Pruitt"
        ),
    ),
    Community(
        0.12,
        "shared",
        "blackOrAfricanAmerican",
        _names(
            "Imani Aaliyah Nia Kiara Jasmine Ebony Tiana Destiny Zuri Simone Monique Kendra Latoya "
            "Brianna Amara Janelle Raven Deja Naomi Tamika"
        ),
        _names(
            "Malik Darius Jamal Terrence Andre Isaiah Elijah Xavier DeShawn Marcus Tyrone Jalen Kofi "
            "Devin Reggie Quincy Omari Julian Trey Micah"
        ),
        _names(
            "Washington Jefferson Freeman Banks Coleman Brooks Gaines Booker Hayes Jackson Robinson "
            "Simmons Tubbs Wilkins Dorsey Mosley Bridges Gadson Pettway Broadnax"
        ),
    ),
    Community(
        0.20,
        "spanish",
        "white",
        _names(
            "María_Elena Guadalupe Valentina Sofía Camila Lucía Ximena Daniela Rosa Marisol Yesenia "
            "Ana_Lucía Beatriz Itzel Fernanda Alejandra Inés Paloma Rocío Esperanza"
        ),
        _names(
            "Diego José_Luis Mateo Santiago Javier Andrés Emiliano Luis Carlos Miguel_Ángel Rafael Héctor "
            "Joaquín Iván Óscar Tomás Ángel Sebastián Raúl Nicolás"
        ),
        _names(
            "Hernández García Martínez López Núñez Castillo Ramírez Torres Flores Rivera Gutiérrez Ortiz "
            "Morales Peña Ibáñez Mendoza Vásquez Aguilar Zúñiga Cárdenas"
        ),
        "es",
        0.7,
        True,
    ),
    Community(
        0.05,
        "vietnamese",
        "asian",
        _names("Hương Lan Mai Linh Thảo Trang Hạnh Phương Thu Vy Ngân Quỳnh Hoa Tuyết Yến Châu"),
        _names("Khôi Dũng Hùng Tuấn Minh Long Phúc Bảo Sơn Nam Thịnh Đạt Khang Tài Huy Duy"),
        _names("Nguyễn Trần Lê Phạm Hoàng Huỳnh Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý"),
        "vi",
        0.65,
    ),
    Community(
        0.05,
        "somali",
        "blackOrAfricanAmerican",
        _names("Fadumo Ayaan Hodan Ifrah Sahra Halima Khadija Ubah Idil Nasra Deeqa Filsan Hibaaq Sagal"),
        _names("Abdi Mohamed Hassan Farah Warsame Ali Ismail Yusuf Abdirahman Mahad Liban Guled Bashir Jama Omar Nur"),
        _names("Abdi Mohamed Hassan Farah Warsame Ali"),
        "so",
        0.8,
    ),
    Community(
        0.05,
        "arabic",
        "white",
        _names("Layla Fatima Noor Maryam Rania Salma Huda Yasmin Amal Dina Zainab Hanan Reem Samira"),
        _names("Omar Khalid Yousef Ahmad Tariq Hani Samir Bilal Karim Faisal Ziad Mustafa Rami Nabil"),
        _names(
            "al-Khatib Haddad Mansour al-Rashid Nasser Hamdan Saleh Khoury al-Masri Darwish Qasim Barakat "
            "Abu_Zayd Shaheen"
        ),
        "ar",
        0.75,
    ),
    Community(
        0.03,
        "own",
        "asian",
        _names("Mai Pa_Houa Kalia Yer Mee Sheng Gao_Nou Bao Paj Nkauj"),
        _names("Tou Kou Chue Xeng Pao Fue Meng Vam Yeng Cheng"),
        _names("Vang Xiong Yang Lor Thao Moua Her Lee Vue Kue"),
    ),
    Community(
        0.02,
        "own",
        "asian",
        _names("Min-jung Ji-woo Soo-yeon Hye-jin Eun-ji Da-eun Seo-yeon Ha-na"),
        _names("Min-jun Joon-ho Sung-min Tae-yang Do-yun Ji-hoon Hyun-woo Seung-ho"),
        _names("Kim Park Choi Jung Kang Yoon Lim Han"),
    ),
    Community(
        0.03,
        "own",
        "asian",
        _names("Xiuying Meiling Yan Jing Lihua Xinyi Ruoxi Fang Yuting Qian"),
        _names("Wei Jun Haoran Zihan Yichen Ming Bo Kai Zhiyuan Tao"),
        _names("Wang Zhang Chen Liu Zhao Huang Zhou Wu Xu Lin"),
    ),
    Community(
        0.02,
        "ethiopian",
        "blackOrAfricanAmerican",
        _names("Selam Hiwot Tigist Meron Bethlehem Rahel Almaz Saron Eden Mahlet"),
        _names("Dawit Yonas Abebe Tesfaye Solomon Bereket Girma Kebede Henok Mulugeta"),
        _names("Tesfaye Kebede Abebe Girma Solomon Alemu"),
    ),
    Community(
        0.02,
        "shared",
        "blackOrAfricanAmerican",
        _names("Marie-Ange Fabiola Nadège Guerline Mirlande Roselaure Islande Wideline"),
        _names("Jean-Baptiste Wilner Stanley Fritz Réginald Jocelyn Pierre-Louis Evens"),
        _names("Toussaint Joseph Pierre Baptiste Desrosiers Augustin Célestin François Dorvil Laguerre"),
    ),
    Community(
        0.02,
        "shared",
        "asian",
        _names("Priya Ananya Kavya Deepa Lakshmi Meera Nandini Sunita Divya Aditi"),
        _names("Arjun Rohan Vikram Sanjay Karthik Anil Rahul Suresh Nikhil Dev"),
        _names("Patel Sharma Raman Iyer Reddy Gupta Mehta Krishnamurthy Venkataraman Desai"),
    ),
    Community(
        0.01,
        "sikh",
        "asian",
        _names("Harpreet Simran Jasleen Gurleen Manpreet Amrit Navneet Kiran"),
        _names("Gurpreet Jaswinder Harjit Manvir Arshdeep Balraj Sukhdeep Jagdeep"),
        ("Singh",),
    ),
    Community(
        0.01,
        "polish",
        "white",
        _names("Joanna Agnieszka Małgorzata Zofia Kasia Hania Ewa Magdalena"),
        _names("Jakub Piotr Wojciech Łukasz Stanisław Paweł Krzysztof Michał"),
        _names("Kowalski Wiśniewski Nowicki Zieliński Nowak Wójcik Grabowski Dąbrowski"),
    ),
    Community(
        0.01,
        "shared",
        "nativeHawaiianOrOtherPacificIslander",
        _names("Leilani Kalena Mahina Noelani Pualani Moana Keala Malia"),
        _names("Keoni Kaimana Makoa Ikaika Nalu Kekoa Kainoa Koa"),
        _names("Kahananui Kealoha Kamakau Māhoe Kānehoa Kalākaua Keawe Tuiasosopo"),
    ),
    Community(
        0.02,
        "filipino",
        "asian",
        _names("Maricel Jhoanna Althea Rowena Liezl Bianca Divina Cherry"),
        _names("Rodel Jomar Paolo Arvin Reynaldo Enzo Dindo Gabriel"),
        _names("Santos Reyes Dela_Cruz Bautista Villanueva Macaraeg Dimaculangan Salonga"),
    ),
    Community(
        0.01,
        "shared",
        "americanIndianOrAlaskaNative",
        _names("Winona Kaya Shania Aiyana Dena Tallulah"),
        _names("Wyatt Tate Delbert Chaske Dakota Orion"),
        _names("Begay Tsosie Yellowhorse Two_Bulls Whitecloud Nez Littlewolf"),
    ),
)
_SHARES = [community.share for community in COMMUNITIES]
