-- Opens a policy in Neovim, prints its diagnostics, applies a fix, and prints the text after it.
-- nvim --headless --clean -l does not exist before 0.9, so: nvim --headless --clean -c 'luafile neovim.lua'
local corslint = os.getenv('CORSLINT')

-- The recipe of docs/editors.md, for Neovim 0.7 too.
vim.api.nvim_create_autocmd('FileType', {
  pattern = { 'json', 'jsonc', 'yaml', 'xml', 'terraform', 'hcl', 'toml' },
  callback = function(args)
    local config = vim.fs and vim.fs.find('corslint.toml', { upward = true })[1]
    local id = vim.lsp.start_client({
      name = 'corslint',
      cmd = { corslint, 'lsp' },
      root_dir = config and vim.fs.dirname(config) or vim.fn.getcwd(),
    })
    vim.lsp.buf_attach_client(args.buf, id)
  end,
})

local function fail(message)
  io.stdout:write('failed: ' .. message .. '\n')
  vim.cmd('cquit 1')
end

local function show()
  for _, found in ipairs(vim.diagnostic.get(0)) do
    local message = found.message:gsub('\n', ' / ')
    io.stdout:write(string.format('%d:%d %s [%s]\n', found.lnum + 1, found.col + 1, message, found.code))
  end
end

vim.cmd('filetype on')
vim.cmd('edit cors.json')
if not vim.wait(10000, function() return #vim.diagnostic.get(0) > 0 end) then
  fail('no diagnostics')
end
show()
local before = #vim.diagnostic.get(0)

-- The preferred fix at the first diagnostic.
local first = vim.diagnostic.get(0)[1]
vim.api.nvim_win_set_cursor(0, { first.lnum + 1, first.col })
local params = vim.lsp.util.make_range_params()
params.context = { diagnostics = {} }
local answers = vim.lsp.buf_request_sync(0, 'textDocument/codeAction', params, 10000) or {}
for _, answer in pairs(answers) do
  for _, action in ipairs(answer.result or {}) do
    io.stdout:write('action: ' .. action.title .. '\n')
    if action.isPreferred then
      vim.lsp.util.apply_workspace_edit(action.edit, 'utf-16')
    end
  end
end
if not vim.wait(10000, function() return #vim.diagnostic.get(0) < before end) then
  fail('the fix was not applied')
end
io.stdout:write('-- after the fix\n')
io.stdout:write(table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, true), '\n') .. '\n')
show()
vim.cmd('qall!')
