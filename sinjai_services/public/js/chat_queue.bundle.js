import "./desk/chat/page";
