package labeler.server.form;

import java.util.stream.Stream;
import labeler.api.ApiJson;
import labeler.api.BriefVm;
import labeler.api.Refusal;
import labeler.api.Report;
import labeler.api.StartAnswer;
import labeler.api.VmAnswer;
import labeler.http.HttpAnswer;
import labeler.json.JsonLists;

/** The interface's own JSON. */
record JsonForm() implements AnswerForm {
    @Override
    public HttpAnswer started(StartAnswer answer) {
        return HttpAnswer.ok(ApiJson.write(answer));
    }

    @Override
    public HttpAnswer status(VmAnswer vm) {
        return HttpAnswer.ok(ApiJson.write(vm));
    }

    @Override
    public HttpAnswer stopped(Report.Stopped stopped) {
        return HttpAnswer.ok(ApiJson.write(stopped));
    }

    @Override
    public HttpAnswer refused(Refusal refusal) {
        return HttpAnswer.refusal(refusal);
    }

    @Override
    public HttpAnswer list(Stream<BriefVm> vms) {
        return HttpAnswer.ok(JsonLists.of("vms", vms.map(ApiJson::write)));
    }
}
