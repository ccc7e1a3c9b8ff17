"""The browser app: configuration and the list of screens."""

from pathlib import Path

import streamlit as st

from screens.ask import ask

ICON = Path(__file__).parent / "screens" / "icon.png"


def desk() -> None:
    """The staff's side; loaded when it is opened, so that nothing in it can keep the visitor's page from coming up."""
    from screens.desk import desk as draw

    draw()


st.set_page_config(page_title="Foreroom", page_icon=str(ICON), layout="wide")
screens = [st.Page(ask, title="Foreroom", default=True), st.Page(desk, title="Foreroom desk", url_path="desk")]
st.navigation(screens, position="hidden").run()
