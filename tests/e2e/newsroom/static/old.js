// What pages wrote for UMeditor.
var heard = [];
var um = UM.getEditor('myEditor');
um.addListener('ready', function () { heard.push('listener'); });
um.ready(function () {
  heard.push('ready');
  heard.push(this.getContent());
});
um.addListener('contentChange', function () { heard.push('change'); });
um.addListener('blur', function () { heard.push('blur'); });

// The three requests of its picture dialog (PRODUCT.md, annex 1), with nothing but the ticket.

function address(more) {
  return '/admin' + window.UMEDITOR_CONFIG.imageUrl + more;
}

function throughFrame(file, done) {
  var frame = document.createElement('iframe');
  var form = document.createElement('form');
  var input = document.createElement('input');
  var transfer = new DataTransfer();
  transfer.items.add(file);
  frame.name = 'up';
  frame.hidden = true;
  form.hidden = true;
  form.method = 'POST';
  form.enctype = 'multipart/form-data';
  form.target = 'up';
  form.action = address('&editorid=myEditor');
  input.type = 'file';
  input.name = 'upfile';
  input.files = transfer.files;
  form.appendChild(input);
  document.body.appendChild(frame);
  document.body.appendChild(form);
  frame.onload = function () { done(JSON.parse(frame.contentDocument.body.innerHTML)); };
  form.submit();
}

function byScript(file, done, dragged) {
  var data = new FormData();
  var request = new XMLHttpRequest();
  data.append('files[]', file, file.name || 'blob.png');
  if (!dragged) data.append('type', 'ajax');
  request.open('POST', address(dragged ? '&type=ajax' : ''));
  if (dragged) request.setRequestHeader('X-Requested-With', 'XMLHttpRequest');
  request.onload = function () { done(JSON.parse(request.responseText), request.status); };
  request.send(data);
}
