package labeler.cli.option;

import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The options for the form of an answer. */
public final class FormOptions {
    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Print the result as JSON.")
    private boolean json;

    @Option(
            names = {"-o", "--output"},
            scope = ScopeType.INHERIT,
            paramLabel = "FORM",
            converter = Form.Converter.class,
            completionCandidates = Form.Words.class,
            description = "Print the result as table (the default), json, yaml, or name: only the names in it.")
    private Form form = Form.TABLE;

    /** As if only {@code --json} were given, or nothing. */
    public void set(boolean isJson) {
        json = isJson;
    }

    public Form form() {
        return json ? Form.JSON : form;
    }
}
