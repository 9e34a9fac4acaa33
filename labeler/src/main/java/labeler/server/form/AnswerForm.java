package labeler.server.form;

import java.util.Optional;
import java.util.stream.Stream;
import labeler.api.BriefVm;
import labeler.api.Refusal;
import labeler.api.Report;
import labeler.api.StartAnswer;
import labeler.api.VmAnswer;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.view.Colours;

/** The form of an answer about VMs. */
public sealed interface AnswerForm permits JsonForm, TextForm {
    /** The query's parameter for the text that the command line prints. Without it the answer is JSON. */
    String TEXT = "text";

    /** The result of a look for the form that a client wants. */
    sealed interface Choice {}

    record Chosen(AnswerForm form) implements Choice {}

    /** There is no such form. */
    record Unknown(HttpAnswer refusal) implements Choice {}

    /** The form that a request to a route with {@link #TEXT} asks for. */
    static Choice of(HttpCall call) {
        Optional<String> text = call.value(TEXT);
        if (text.isEmpty()) {
            return new Chosen(new JsonForm());
        }
        return Colours.of(text.get())
                .<Choice>map(colours -> new Chosen(new TextForm(colours)))
                .orElseGet(() -> new Unknown(HttpAnswer.usage(
                        "the parameter text is plain, coloured, coloured-results or coloured-messages")));
    }

    HttpAnswer started(StartAnswer answer);

    HttpAnswer status(VmAnswer vm);

    HttpAnswer stopped(Report.Stopped stopped);

    HttpAnswer refused(Refusal refusal);

    /** All VMs in brief. */
    HttpAnswer list(Stream<BriefVm> vms);
}
