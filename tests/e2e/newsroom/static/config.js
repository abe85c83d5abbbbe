var ticket = document.getElementById('myEditor').getAttribute('data-ticket');
window.UMEDITOR_CONFIG = {
  imageUrl: '/editor/upload_img?ticket=' + ticket,
  imageFieldName: 'upfile',
  imagePath: '',
  initialFrameWidth: 500,
  toolbar: ['source | undo redo | bold italic underline strikethrough | superscript subscript | forecolor backcolor |',
    'insertorderedlist insertunorderedlist | link unlink | image video | fullscreen'],
  lang: 'zh-cn'
};
