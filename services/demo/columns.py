"""Columns of every file the demo writes, in the order of OneRoster 1.1 and 1.2 and of our supplement."""


def _tables(text: str) -> dict[str, tuple[str, ...]]:
    """Reads `name: column column …`, indented lines continuing; puts OneRoster's three columns first."""
    tables: dict[str, tuple[str, ...]] = {}
    for entry in text.replace("\n    ", " ").strip().splitlines():
        name, _, columns = entry.partition(":")
        tables[name] = ("sourcedId", "status", "dateLastModified", *columns.split())
    return tables


_BOTH = _tables("""
academicSessions: title type startDate endDate parentSourcedId schoolYear
classes: title grades courseSourcedId classCode classType location schoolSourcedId termSourcedIds subjects
    subjectCodes periods
courses: schoolYearSourcedId title courseCode grades orgSourcedId subjects subjectCodes
demographics: birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican
    nativeHawaiianOrOtherPacificIslander white demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity
    countryOfBirthCode stateOfBirthAbbreviation cityOfBirth publicSchoolResidenceStatus
enrollments: classSourcedId schoolSourcedId userSourcedId role primary beginDate endDate
orgs: name type identifier parentSourcedId
classResources: title classSourcedId resourceSourcedId
courseResources: title courseSourcedId resourceSourcedId
resources: vendorResourceId title roles importance vendorId applicationId
""")

ONEROSTER = {
    "1.1": _BOTH
    | _tables("""
categories: title metadata.weight
lineItems: title description assignDate dueDate classSourcedId categorySourcedId gradingPeriodSourcedId
    resultValueMin resultValueMax
results: lineItemSourcedId studentSourcedId scoreStatus score scoreDate comment
users: enabledUser orgSourcedIds role username userIds givenName familyName middleName identifier email sms
    phone agentSourcedIds grades password
"""),
    "1.2": _BOTH
    | _tables("""
categories: title weight
lineItems: title description assignDate dueDate classSourcedId categorySourcedId academicSessionSourcedId
    resultValueMin resultValueMax schoolSourcedId
results: lineItemSourcedId studentSourcedId scoreStatus score scoreDate comment textScore classSourcedId
    inProgress incomplete late missing
scoreScales: title type orgSourcedId courseSourcedId classSourcedId scoreScaleValue
roles: userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId
users: enabledUser username userIds givenName familyName middleName identifier email sms phone agentSourcedIds
    grades password userMasterIdentifier preferredGivenName preferredMiddleName preferredFamilyName
    primaryOrgSourcedId pronouns
"""),
}

# Every name a manifest may carry, so that a strict reader finds each one bulk or absent.
_MANIFEST_11 = (
    *(
        "academicSessions",
        "categories",
        "classes",
        "classResources",
        "courses",
        "courseResources",
        "demographics",
    ),
    *("enrollments", "lineItems", "orgs", "resources", "results", "users"),
)
MANIFEST = {
    "1.1": _MANIFEST_11,
    "1.2": (
        *_MANIFEST_11,
        *(
            "lineItemLearningObjectiveIds",
            "lineItemScoreScales",
            "resultLearningObjectiveIds",
            "resultScoreScales",
        ),
        *("roles", "scoreScales", "userProfiles", "userResources"),
    ),
}

SUPPLEMENT = _tables("""
studentContactAssociations: studentSourcedId contactSourcedId relationDescriptor primaryContactStatus
    livesWith emergencyContactStatus contactPriority contactRestrictions legalGuardian ext.portalAccess
    ext.receivesMail ext.pickupAuthorized ext.restrictionBeginDate ext.restrictionEndDate ext.householdId
studentSchoolAssociations: studentSourcedId schoolSourcedId primarySchool entryDate entryGradeLevelDescriptor
    exitWithdrawDate exitWithdrawTypeDescriptor schoolYear calendarCode graduationPlanSourcedId
userLanguages: userSourcedId languageDescriptor languageUseDescriptor
electronicMails: userSourcedId electronicMailAddress electronicMailTypeDescriptor primaryEmailAddressIndicator
    doNotPublishIndicator
telephones: userSourcedId telephoneNumber telephoneNumberTypeDescriptor orderOfPriority
    textMessageCapabilityIndicator doNotPublishIndicator
addresses: userSourcedId addressTypeDescriptor streetNumberName apartmentRoomSuiteNumber city
    stateAbbreviationDescriptor postalCode nameOfCounty beginDate endDate doNotPublishIndicator
    ext.householdId
orgContacts: orgSourcedId nameOfInstitution streetNumberName city stateAbbreviationDescriptor postalCode
    telephoneNumber institutionTelephoneNumberTypeDescriptor webSite
studentIdentificationCodes: studentSourcedId studentIdentificationSystemDescriptor identificationCode
grades: studentSourcedId classSourcedId sessionSourcedId gradeTypeDescriptor letterGradeEarned
    numericGradeEarned gradeEarnedDescription diagnosticStatement currentGradeIndicator currentGradeAsOfDate
codes: codeSet localCode codeValue shortDescription ext.countsAs ext.parentVisible
studentSchoolAttendanceEvents: studentSourcedId schoolSourcedId sessionSourcedId eventDate
    attendanceEventCategoryDescriptor attendanceEventReason eventDuration schoolAttendanceDuration arrivalTime
    departureTime
studentSectionAttendanceEvents: studentSourcedId classSourcedId sessionSourcedId eventDate classPeriodName
    attendanceEventCategoryDescriptor attendanceEventReason eventDuration sectionAttendanceDuration arrivalTime
    departureTime
disciplineIncidents: schoolSourcedId incidentIdentifier incidentDate incidentTime incidentLocationDescriptor
    incidentDescription reporterDescriptionDescriptor reporterName behaviorDescriptors reportedToLawEnforcement
    caseNumber ext.parentVisible
studentDisciplineIncidentBehaviorAssociations: studentSourcedId disciplineIncidentSourcedId behaviorDescriptor
    behaviorDetailedDescription disciplineIncidentParticipationCodeDescriptors weaponDescriptors
disciplineActions: studentSourcedId disciplineActionIdentifier disciplineIncidentSourcedId disciplineDescriptors
    disciplineDate disciplineActionLength actualDisciplineActionLength responsibilitySchoolSourcedId
    assignmentSchoolSourcedId relatedToZeroTolerancePolicy
assessments: assessmentIdentifier namespace assessmentTitle assessmentCategoryDescriptor
    academicSubjectDescriptors assessedGradeLevelDescriptors maxRawScore assessmentFamily ext.parentText
    ext.webSite
assessmentScores: assessmentIdentifier namespace objectiveAssessmentIdentificationCode
    assessmentReportingMethodDescriptor minimumScore maximumScore resultDatatypeTypeDescriptor
studentAssessments: studentSourcedId assessmentIdentifier namespace studentAssessmentIdentifier
    administrationDate administrationEndDate whenAssessedGradeLevelDescriptor schoolYear
    retestIndicatorDescriptor reasonNotTestedDescriptor
studentAssessmentScoreResults: studentAssessmentSourcedId objectiveAssessmentIdentificationCode
    assessmentReportingMethodDescriptor result resultDatatypeTypeDescriptor performanceLevelDescriptor
reportCards: studentSourcedId orgSourcedId sessionSourcedId numberOfDaysAbsent numberOfDaysInAttendance
    numberOfDaysTardy gradePointAverageValue gradePointAverageTypeDescriptor ext.documentPath
studentAcademicRecords: studentSourcedId orgSourcedId schoolYear termDescriptor cumulativeEarnedCredits
    cumulativeAttemptedCredits sessionEarnedCredits sessionAttemptedCredits gradePointAverageValue
    gradePointAverageTypeDescriptor isCumulative maxGradePointAverageValue classRank totalNumberInClass
    projectedGraduationDate
courseTranscripts: studentAcademicRecordSourcedId studentSourcedId courseCode courseTitle
    academicSubjectDescriptor schoolYear termDescriptor whenTakenGradeLevelDescriptor attemptedCredits
    earnedCredits creditTypeDescriptor creditCategoryDescriptors finalLetterGradeEarned
    finalNumericGradeEarned courseAttemptResultDescriptor courseRepeatCodeDescriptor
    methodCreditEarnedDescriptor externalEducationOrganizationNameOfInstitution
academicHonors: studentSourcedId academicHonorCategoryDescriptor honorDescription honorAwardDate
graduationPlans: orgSourcedId graduationPlanTypeDescriptor graduationSchoolYear totalRequiredCredits
    individualPlan
graduationPlanRequirements: graduationPlanSourcedId ext.requirementType academicSubjectDescriptor
    creditCategoryDescriptor courseSetName courseCodes credits assessmentIdentifier
studentGraduationPlans: studentSourcedId graduationPlanSourcedId projectedGraduationDate
calendarDates: schoolSourcedId calendarCode schoolYear date calendarEventDescriptors
ext.schoolEvents: orgSourcedIds ext.title ext.description beginDate startTime endDate endTime ext.location
    ext.audienceRoles gradeLevelDescriptors
ext.notices: ext.translationOf orgSourcedIds ext.title ext.body ext.language beginDate endDate ext.audienceRoles
    gradeLevelDescriptors ext.attachmentPaths ext.requiresAcknowledgement
classPeriods: schoolSourcedId classPeriodName startTime endTime officialAttendancePeriod
bellSchedules: schoolSourcedId bellScheduleName classPeriodName alternateDayName startTime endTime
bellScheduleDates: schoolSourcedId bellScheduleName date alternateDayName
classMeetings: classSourcedId alternateDayName classPeriodName startTime endTime classroomIdentificationCode
libraryTransactions: userSourcedId type title author electronicId callNumber price ext.checkedOutOn returnBy
    fineType fineAssessed fineDescription fineAmount fineReference ext.transactionStatus ext.itemClass
studentCharges: studentSourcedId formNumber billingDate transactionDescription billedAmount dueDate ledger
    voluntary ext.amountPaid ext.balance ext.payUrl
mealAccounts: studentSourcedId ext.accountNumber ext.balance ext.asOfDateTime ext.lowBalanceThreshold
studentTransportations: studentSourcedId transportationTypeDescriptor busNumber busRoute
    travelDayofWeekDescriptors travelDirectionDescriptors mileage ext.stopName ext.stopTime
studentProgramAssociations: studentSourcedId schoolSourcedId programName programTypeDescriptor beginDate endDate
    programServiceDescriptors reasonExitedDescriptor
""")

# Only beside OneRoster 1.1, and the one file keyed by the result instead of an id of its own.
RESULT_EXTENSIONS = (
    *("resultSourcedId", "submissionStatusDescriptor", "assignmentLateStatusDescriptor", "letterGradeEarned"),
    "pointsEarned",
)
