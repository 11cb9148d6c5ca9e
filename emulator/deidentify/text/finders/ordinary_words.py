"""Words of examinations, bodies and machines that begin with a capital and are no names where they stand."""

from __future__ import annotations

from typing import Final

_ENGLISH: Final = """
    abdomen abdominal abnormal abscess acquired acquisition acute adjustment adrenal adult age air alert all
    amplitude analysis anatomy and aneurysm angio angiogram angiography angle ankle anterior aorta aortic appendix
    april arm arrhythmia arterial artery arthritis ascites aspect assessment atrial atrium august auto average axial
    back baseline bed bilateral biopsy biparietal birth bladder blood body bone bowel brain breast breath breathing
    bronchus calcaneus calcification cancer cardiac carotid catheter caudal caution central cerebral cervical cervix
    change chest child chronic circumference clavicle clear clinical coil colon color colour common comparison
    complete complications concentration conclusion contact contrast control copy coronal coronary cortex count
    cranial creatinine critical ct cyst date day december declined decreased decubitus deep default degree delayed
    delivered delivery demographics density department detail developed device diagnosis diagnostic diastolic
    diffuse diffusion disc discharge disease disk disposition distal doppler dorsal dose drain duct duplicate
    dynamic echo edema effusion elbow electronically elevated emergency end enema enhanced enlarged entire error
    esophagus established exam examination excellent exposure extension external extremity eye face failed fall
    false fast fasting fat february feet female femoral femur fetal fetus fever fibrosis fibula field film filter
    final findings finger first flair flexion flow focal follow followup foot for forearm fracture free friday
    frontal full function further gallbladder gastric general given good graft grid group guidance guided hand head
    heart height help hemorrhage hepatic hernia high hilum hip history hold humerus image images imaging impression
    improved in increased indication infant infection inferior information initial injection inspiration inspired
    instructions intact internal interval intervention intravenous inversion is isocenter january joint july june
    kidney kidneys knee label large last late lateral left leg length lesion lesions level liver lobe localizer
    location long lower lumbar lung lungs lymph machine magnetic major male mammogram mammography mandible march
    marker marrow mass may mean measurement medial mediastinum medical medication medium mesenteric metal method
    mild minimal minor model moderate monday motion mr mri multiple muscle name nasal neck needle negative new no
    node nodes nodule none nonspecific normal not notable note november nuchal nuclear oblique observation
    observations obstruction occlusion october of off office on operation oral orbit order orientation original
    other ovary overlay overread pa pain pancreas patella pathology patient pediatric pelvic pelvis pending
    performed perfusion phantom phase phone physician pixel placenta plain plane plaque plate pleural pneumonia
    pneumothorax portable portal position positive post posterior pre pregnancy pregnant preliminary present
    presentation pressure previous primary prior private procedure prone prostate prosthesis protocol proximal
    pulmonary quality quantity radial radiation radiograph radiology radius rapid rate ratio read reading rear
    recommended reconstruction recovery rectum reduced reference referring region relaxed removed renal repeat
    report requested resection resolved respiratory rest result results retained review rib ribs right rotation
    routine sacrum sagittal saline same sample saturation saturday scan scanner scapula scout screening sedation see
    segment sella september sequence series severe sex shape short shoulder shunt side signal sinus site size skin
    skull slice slices small soft software solid special spectral spin spinal spine spleen spondylosis stable stage
    standard standing station status stenosis stent step sternum stomach stress structure structured study subdural
    subtotal sunday supine surface surgery surgical suspected swelling symptoms syndrome systolic table tc technical
    technique temporal test the then thigh thoracic thorax thrombus thursday thyroid tibia time tissue to toe
    tomography tool tooth total trace tracheal transverse trauma treatment trigger tube tuesday tumor tumors tumour
    ulna ultrasound undefined unenhanced unit unknown unremarkable upper upright urinary urine us use uterus vaginal
    valve various vascular vein velocity venous ventral ventricle ventricular verified version vertebra vertebral
    vessel vessels view views visit volume wall warning water wednesday weight well whole wide window with within
    without wrist xray year years yes zoom
"""
_GERMAN: Final = """
    arterie auge bauch becken befund bein darm ellenbogen fuß galle gehirn gelenk hals handgelenk harnblase herz
    hirn hüfte knie knochen kontrastmittel kontrolle kopf leber leiste links lunge magen mamma milz muskel nase
    nativ niere nieren oberarm oberschenkel ohr pankreas rechts rippe rippen rücken schilddrüse schulter schädel
    sehne sprunggelenk unterarm unterschenkel untersuchung vene verlauf wirbelsäule zahn zehe zähne
"""

_OTHER_LANGUAGES: Final = """
    addome avec bacino bassin bekken borst buik cabeza cabeça collo colonne con contraste cou crâne cuello derecha
    destra droite gauche genou ginocchio hombro hoofd izquierda mama pescoço rachis rodilla sans schouder senza sin
    sinistra spalla testa torax tête tórax épaule
"""
_MAKERS: Final = """
    acuson agfa aloka brilliance canon carestream elekta esaote fonar fuji fujifilm gadavist gadovist ge guerbet
    healthineers hitachi hologic ingenia ingenuity iodixanol iohexol iomeron isovue kodak konica lightspeed logiq
    magnetom magnevist mindray minolta multihance neusoft omnipaque optima optiray philips prohance revolution
    samsung sectra shimadzu siemens signa skyra somatom sonosite syngo toshiba ultravist varian visipaque vivid
    voluson xperguide zeiss ziehm
"""
_TECHNIQUE: Final = """
    adc advanced anterolateral ap appointment assistant associate auditory ax axl barium billing bold bolus brachial
    bsc cardio carm cbct cc ce cerebrum chamber cine cisternogram clerk clinic clip combined complex coordinator cor
    corpus cr cranium cta ctv custom cv dce deformity delay desk dexa diagnostics director discussion dislocation
    division dixon doctor dosimetry dr dti dual dwi dx ecg echocardiogram ekg emphysema enterography epi extremities
    facial faculty family fdg fellow ffe fgre fiesta flat flt focus fse fusion ganglion gated generic gre haste
    hires hospital hr hs hx iac inspir isotropic iv kub l lao lat line ll localization manager map mask mdp mip mlo
    mpr mprage mra mrcp mrs mrv ms msk multiphase neuro nm officer oncall oncology op operator opt orbits pediatrics
    pet pharmacy phases pnc po point port practitioner proc propeller provider pt quick radiologist ramp rao
    reception recon research resident rf rl rt runoff s sacroiliac sag sarcoma sat sc scoliosis sct se secretary seg
    shuntogram sinuses smart snap softtissue spc specialist spect spir spirometry spot staff stir stone stroke
    student supervisor surgeon survey swi symptom t tavi te team tech technician technologist temp tfe thin tir topo
    topogram tr tra trak trufi tse turbo ultra user vibe viewer vol von vr wb weighted wo work xa xr
"""

ORDINARY_WORDS: Final = frozenset((_ENGLISH + _GERMAN + _OTHER_LANGUAGES + _MAKERS + _TECHNIQUE).split())
"""In small letters."""

_SURNAMES_TEXT: Final = """
    april august back black blood bone brown case child day foot gray green grey hand head heart hill law long march
    mark marker mass may miller rice rose rush short small stone strong temple wall waters wells west white wide
    wise woods young
"""
SURNAMES: Final = frozenset(_SURNAMES_TEXT.split())
"""Those of them, and others, that are borne as surnames: a title or a label before them makes them one."""
