import ChatTemplates
import Foundation
import Settings

extension Workspace {
  /// How the model is prompted as a chat model; nil for plain text.
  ///
  /// - Parameter folder: the model's folder; nil for the configured one.
  /// - Throws: errors of the template's file; `SettingError` for settings that need a template where
  ///   there is none, or that are no JSON object.
  public func chatPrompting(folder: URL? = nil) throws -> ChatPrompting? {
    let settings = configuration.task
    guard let template = try chatTemplate(folder ?? tokenizerFolder()) else {
      let useless = [
        ("task.system-prompt", settings.systemPrompt),
        ("task.chat-variables", settings.chatVariables),
      ].first { $0.1 != nil }
      if let (key, _) = useless {
        throw SettingError(
          "\(key) is set, but there is no chat template that it could go to (task.chat-template is "
            + "\(settings.chatTemplate)); put the text into task.prompt-template instead")
      }
      return nil
    }
    return ChatPrompting(
      template, system: settings.systemPrompt, variables: try chatVariables())
  }

  private func chatTemplate(_ folder: URL) throws -> ModelChatTemplate? {
    switch configuration.task.chatTemplate {
    case "none": return nil
    case "auto": return try ModelChatTemplate(folder: folder)
    case let path:
      let named = try ModelChatTemplate(at: URL(filePath: path))
      guard named.specialTokens.isEmpty else { return named }
      // A template alone takes the special tokens of the model that it is for.
      return ModelChatTemplate(
        named.standard, toolUse: named.toolUse,
        specialTokens: try ModelChatTemplate.specialTokens(ofFolder: folder))
    }
  }

  private func chatVariables() throws -> [TemplateValue.Member] {
    guard let text = configuration.task.chatVariables else { return [] }
    let expected = "expected a JSON object such as {\"enable_thinking\": false}"
    let json: TemplateValue
    do {
      json = try TemplateValue(parsing: Array(text.utf8), name: "task.chat-variables")
    } catch {
      throw SettingError("\(error); \(expected)")
    }
    guard case .object(let members) = json else {
      throw SettingError("task.chat-variables is \(json.kind), \(expected)")
    }
    return members
  }
}
