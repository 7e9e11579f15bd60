import "./desk/stages";
import "./desk/citizen_numbers";
import "./desk/checklist";
import "./desk/handover";
import "./desk/signing";
import "./desk/request_form";
import "./desk/letters";
import "./desk/own_copy";
