// Starts gatehouse lsp and lets VS Code speak with it. Everything that is known of the language is in the server.
"use strict";

const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async (context) => {
  const settings = workspace.getConfiguration("gatehouse");
  const server = { command: settings.get("path"), args: ["lsp", ...settings.get("arguments")] };
  client = new LanguageClient("gatehouse", "Gatehouse", server, {
    documentSelector: [{ language: "gatehouse" }, { scheme: "file", pattern: "**/*.gate.json" }],
  });
  context.subscriptions.push(client);
  await client.start();
};

exports.deactivate = () => client?.stop();
