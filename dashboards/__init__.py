"""Dashboards: Streamlit pages over run folders."""
