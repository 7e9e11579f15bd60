import "./desk/stages";
import "./desk/citizen_numbers";
import "./desk/checklist";
import "./desk/handover";
import "./desk/visits";
import "./desk/signing";
import "./desk/request_form";
import "./desk/own_copy";
