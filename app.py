"""The browser app: configuration and the list of screens."""

from pathlib import Path

import streamlit as st

from screens.ask import ask
from screens.desk import desk

ICON = Path(__file__).parent / "screens" / "icon.png"

st.set_page_config(page_title="Foreroom", page_icon=str(ICON), layout="wide")
screens = [st.Page(ask, title="Foreroom", default=True), st.Page(desk, title="Foreroom desk", url_path="desk")]
st.navigation(screens, position="hidden").run()
