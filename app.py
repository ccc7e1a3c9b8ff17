"""The browser app: configuration and the list of screens."""

from pathlib import Path

import streamlit as st

from screens.ask import ask

ICON = Path(__file__).parent / "screens" / "icon.png"

st.set_page_config(page_title="Foreroom", page_icon=str(ICON), layout="wide")
st.navigation([st.Page(ask, title="Foreroom", default=True)], position="hidden").run()
