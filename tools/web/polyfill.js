// Browsers that cannot tell where a character of a text ends get a library that can.
if (!("Segmenter" in Intl)) {
  document.write('<script src="vendor/intl-segmenter.js"><\/script>');
}
