"""The forms that a picture can take: SVG, PNG, HTML, DOT, Mermaid and text."""
