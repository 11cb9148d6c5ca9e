"""Texts of examinations that name nobody, many of which look as if they did."""

from __future__ import annotations

from typing import Final

from emulator.deidentify.text.phrase import Phrase

OTHER_HEADER: Final = (
    Phrase("Quillfeather^Anselm", "PERSON_NAME"),
    Phrase("7734512", "MEDICAL_RECORD_NUMBER"),
    Phrase("19511123", "DATE_OF_BIRTH"),
    Phrase("Larchmere General Hospital", "ORGANIZATION_NAME"),
)
"""The header of somebody whom no negative text speaks of."""

_NEGATIVES: Final = """
Wall motion normal|Brown tumor|Foley catheter in place|Parkinson disease|Baker cyst, left knee|Hodgkin lymphoma
Head^HeadRoutine (Adult)|Abdomen^AbdomenRoutine (Adult)|Thorax^THORAX_ROUTINE|SPINE^LUMBAR|Neuro^DefaultFamily
MRI^Brain|Chest PA and lateral|T2 FLAIR axial 3 mm|1.2.840.10008.5.1.4.1.1.2|Slice 3/24|kVp 120 mAs 200|Image 12 of 48
FOV 240 x 240|2.5.1|software 1.2.24|v1.2.3.4|set 2 of 3|Left Atrial Appendage|SIEMENS|SOMATOM Definition AS+
syngo CT 2012B|Abdomen, Pelvis|Head, Neck|Brain, MRI|Chest, Abdomen, Pelvis|MR Brain w/wo contrast|dose 12.5 mGy
TR 500 TE 10|SE 4 IM 120|ratio 120/80|100 ml Omnipaque 350|Patient supine|Patient Position HFS|ID 5|march fracture
May show calcification|may 2 cm|C5/6 disc|L4/5|grade 2/6 murmur|18F FDG|HIP_LEFT|Name of examination|Read by|1024x768
Series 1001|B30f|512\\512|0.9765625|Technologist: CT1|Operator: default|Thorax, nativ|Leber, Milz|Hospital stay
in 2000 ml|Gallbladder, Kidney|Female|M|O|ORIGINAL|99TEST|5 mm|0.625|HEAD FIRST-SUPINE|Doppler Mode|Standing, Lateral
Whipple procedure|Crohn's disease|VIBE_DIXON_TRA|Chiari malformation|Alzheimer type dementia
Dupuytren contracture, right|Colles fracture|Down syndrome|Wilson disease|Circle of Willis|Doppler ultrasound
Achilles tendon|Meckel diverticulum|Zenker diverticulum|Ewing sarcoma|Paget disease|Glasgow Coma Scale 15
Fleischner criteria|BI-RADS 4A|Gleason 3+4|Cobb angle 12 deg|Kellgren Lawrence 2|Bosniak IIF|TE/TR 12/2000
b=1000 s/mm2|10 20 30 40 50|1 2 3 4 5 6 7 8|256 256 1000|window 40/400|3-5-8 mm|1/2/3 mm|phase 1/10|recon 12.5/15.0
NSA 2|ETL 23|7.5 MHz|follow-up in 6 months|5-year survival|2 years ago|for 3 weeks|10 day history
Performed without contrast|Performed by protocol|Seen on axial images|Referred for CT|Reviewed with priors|Read only
Mr. No|MR ANGIO HEAD|MRS BRAIN|DR CHEST|MS protocol|Dr|Prof|Miss|contact lens|call if needed|DL 40|Unit dose
Iris, pupil|Carina, bronchi|Adam's apple|Achilles, left|Jefferson fracture|St. 2|Drive|no. 5|Box 2|Nr. 3
Sagittal, Coronal|Right, Left|Supine, Prone|Arterial, Portal, Delayed|KNEE LEFT, AP|AP, LAT|Lung, Bone
SoftTissue, Lung|CT Abdomen/Pelvis w contrast|US Abdomen Complete|XR HAND 3+ VW RIGHT|NM Bone Scan Whole Body
MG Screening Bilateral|Agfa, CR|GE MEDICAL SYSTEMS|Philips, Ingenia|Omnipaque, Visipaque|Gadovist, 7.5 ml|Pain Clinic
Fracture Clinic|10 mL/s|1.5T|3T|120kV|99mTc MDP|Tc-99m|I-131|W 400 L 40|ZOOM 1.2|IEC 62220|ISO_IR 100|ISO 13485
HU -1024|B0=1.5|Vertex, occiput|AXIAL\\SECONDARY|DERIVED\\PRIMARY|NORMAL|no acute findings.|Unremarkable.
Impression: normal|Findings: none|Mild cardiomegaly. No effusion.|There is a 12 mm nodule in the right upper lobe.
Grade 3 sprain|Stage IIIB|T2N0M0|Type 2|Left lower lobe, 3/4 of volume|after 1/2 dose|1-2 cm|12-14 weeks
10.4.12 release|sw 04.05.06|TFE 5/21|IM 5/21|Im: 12/50|Series 3/2001|page 1/12|Visit 2|Exam 3|Room 12|Bed 4|Subject 12
unit 7|case 3|Station CT01|Protocol 5.12|Acc 3|ID: T1
"""

NEGATIVES: Final = tuple(text.strip() for line in _NEGATIVES.strip().splitlines() for text in line.split("|"))
"""Texts in which nothing of `DEFAULT_INFO_TYPES` is to be found."""
