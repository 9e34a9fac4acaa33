package labeler.server.form;

import java.util.function.Consumer;
import java.util.stream.Stream;
import labeler.api.BriefVm;
import labeler.api.ExitCode;
import labeler.api.Refusal;
import labeler.api.Report;
import labeler.api.StartAnswer;
import labeler.api.VmAnswer;
import labeler.http.HttpAnswer;
import labeler.view.Colours;
import labeler.view.PrintedCommand;
import labeler.view.Terminal;
import labeler.view.VmText;

/**
 * The text that the command line prints, for a script that starts no JVM to make it. It is made by the same functions.
 *
 * @param colours of the script's outputs
 */
record TextForm(Colours colours) implements AnswerForm {
    private static final String TYPE = "text/plain; charset=utf-8";

    @Override
    public HttpAnswer started(StartAnswer answer) {
        return done(terminal -> new VmText(terminal).vm(answer.vm()));
    }

    @Override
    public HttpAnswer status(VmAnswer vm) {
        return done(terminal -> new VmText(terminal).vm(vm.vm()));
    }

    @Override
    public HttpAnswer stopped(Report.Stopped stopped) {
        int exitCode = ExitCode.of(stopped.report());
        return answer(exitCode, terminal -> new VmText(terminal).stopped(stopped));
    }

    @Override
    public HttpAnswer refused(Refusal refusal) {
        PrintedCommand printed = PrintedCommand.of(
                refusal.status().exitCode(), colours, terminal -> new VmText(terminal).refused(refusal.body()));
        return HttpAnswer.refusal(refusal, TYPE, printed.bytes());
    }

    @Override
    public HttpAnswer list(Stream<BriefVm> vms) {
        return done(terminal -> {
            VmText.Table table = new VmText(terminal).new Table();
            vms.forEach(table::add);
            table.print();
        });
    }

    private HttpAnswer done(Consumer<Terminal> words) {
        return answer(ExitCode.DONE, words);
    }

    private HttpAnswer answer(int exitCode, Consumer<Terminal> words) {
        return HttpAnswer.ok(TYPE, PrintedCommand.of(exitCode, colours, words).bytes());
    }
}
