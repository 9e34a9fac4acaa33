package labeler.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.explain.Explanation;
import labeler.guard.record.AuditLine;
import labeler.http.RequestRefusal;
import labeler.json.Json;
import labeler.json.JsonLists;
import labeler.json.JsonListsWriter;
import labeler.json.JsonWriter;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.openfiles.Comparison;
import labeler.openfiles.Look;
import labeler.survey.Flaw;
import labeler.survey.FlawKind;
import labeler.survey.Looked;
import labeler.survey.Severity;
import labeler.survey.Survey;
import labeler.survey.Unseen;
import labeler.survey.VmIdentity;
import labeler.work.WorkFileSystem;
import org.apache.commons.io.IOUtils;
import org.junit.jupiter.api.Test;

/** Scripts depend on every byte of the JSON: it must be the same as when golden.txt was recorded. */
class GoldenJsonTest {
    @Test
    void everything_is_written_as_it_always_was() throws IOException {
        StringBuilder text = new StringBuilder();
        all().forEach((name, json) ->
                text.append(name).append('\t').append(json).append('\n'));

        assertThat(text.toString().lines())
                .containsExactlyElementsOf(IOUtils.resourceToString("/labeler/api/golden.txt", StandardCharsets.UTF_8)
                        .lines()
                        .toList());
    }

    private static Map<String, String> all() {
        Map<String, String> all = new LinkedHashMap<>();
        answers(all);
        bodies(all);
        return all;
    }

    private static void answers(Map<String, String> all) {
        HostPath socket = HostPath.of("/run/labeler/descriptors.sock");
        put(all, "vm", Samples.fullVm());
        put(all, "bare vm", Samples.bareVm());
        put(all, "unchecked vm", new VmAnswer(Samples.bareVm(), Optional.empty()));
        put(all, "checked vm", new VmAnswer(Samples.bareVm(), Optional.of(new VmAnswer.Check(Instant.EPOCH, 2))));
        put(all, "started", StartAnswer.of(Samples.fullVm(), socket));
        put(all, "started without descriptors", StartAnswer.of(Samples.bareVm(), socket));
        put(all, "started and rewritten", StartAnswer.of(Samples.rewrittenVm(), Samples.LATIN));
        put(all, "attached", new AttachAnswer(Samples.fullVm(), "data"));
        put(all, "detached", Report.Detached.of(Samples.report(), "data"));
        put(all, "stopped", Report.Stopped.of(Samples.report()));
        put(all, "stopped without files", Report.Stopped.of(Samples.emptyReport()));
        put(all, "relabelled", Report.Relabelled.of(Samples.report()));
        put(all, "verified", Report.Verified.of(Samples.report()));
        put(all, "verified and compared", Samples.compared());
        put(
                all,
                "verified and not compared",
                Report.Verified.of(Samples.emptyReport())
                        .with(OpenFiles.of(new Comparison.NotCompared("nobody may look", Look.Cause.NOT_PERMITTED))));
        all.put("recovered", text(ApiJson.lists(Report.Recovered.of(Samples.recovery()))));
        all.put("matrix", text(ApiJson.lists(Samples.matrix())));
        put(all, "scanned", Samples.scanned());
        put(all, "scanned to the end", Samples.lastPage());
        put(all, "trusted", TrustAnswer.of(Samples.trusted(), false));
        put(all, "would be trusted", TrustAnswer.of(Samples.trusted(), true));
        all.put("refused", text(Refusal.because(Samples.problems()).json()));
        all.put("usage", text(new RequestRefusal(RequestRefusal.Reason.USAGE, "not \"so\"").json()));
        put(all, "chain", Samples.chainAnswer());
        put(all, "events", EventSamples.events());
        put(all, "explained", Samples.explained());
        put(
                all,
                "explanation with its time",
                new Explanation(Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of(), 1)
                        .times(2, Optional.of(Instant.EPOCH)));
        put(
                all,
                "explanation without an answer",
                new Explanation(Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of(), 1)
                        .unanswered(Optional.of(new WorkFileSystem(1, "the nfs4 file system at /nfs"))));
        put(all, "surveyed", surveyed());
        put(
                all,
                "overview",
                VmOverview.of(new VmAnswer(Samples.bareVm(), Optional.of(new VmAnswer.Check(Instant.EPOCH, 2)))));
        put(all, "denied", new AuditLine(3, Instant.EPOCH, EventSamples.denied()));
        put(all, "vm beside other hosts", ClusterSamples.vm(2));
        all.put("matrix beside other hosts", text(ApiJson.lists(ClusterSamples.matrix(2))));
        put(all, "held elsewhere", new AuditLine(4, Instant.EPOCH, EventSamples.heldElsewhere()));
    }

    private static Survey surveyed() {
        VmIdentity nameless = new VmIdentity(Optional.empty(), Optional.of(new Pid(4711)));
        VmIdentity off = new VmIdentity(Optional.of("web1"), Optional.empty());
        return new Survey(
                false,
                false,
                new Looked(1, 1, 2, 3),
                List.of(
                        new Flaw(
                                FlawKind.SHARED_IMAGE,
                                Severity.DANGER,
                                Optional.of(Samples.LATIN),
                                List.of(nameless, off),
                                "why",
                                "how"),
                        new Flaw(
                                FlawKind.OPENING_BOOLEAN, Severity.WARNING, Optional.empty(), List.of(), "why", "how")),
                List.of(new Unseen("what", "why")));
    }

    private static void bodies(Map<String, String> all) {
        put(all, "start", Samples.start());
        put(all, "start in bytes", Samples.startInBytes());
        put(all, "start of a domain", Samples.domain("<domain a='ö'/>".getBytes(StandardCharsets.UTF_8)));
        put(all, "start of a domain in bytes", Samples.domain(Samples.latin("<domain a='\u00f6'/>")));
        put(all, "plan", Samples.plan());
        put(
                all,
                "attach",
                new AttachBody(List.of("driver=qcow2,node-name=ö"), Optional.of("d"), Optional.of(Samples.ODD)));
        put(all, "attach without device", new AttachBody(List.of(), Optional.empty(), Optional.empty()));
        put(all, "detach", new DetachBody("d", Optional.of(Samples.ODD)));
        put(all, "scan", new ScanBody(Samples.LATIN, Optional.of(Samples.ODD), true));
        put(all, "first scan", new ScanBody(HostPath.of("/vm"), Optional.empty(), false));
        put(all, "trust", new TrustBody(Samples.LATIN, Optional.of(ImageFormat.VHDX)));
        put(all, "explain lines", new ExplainBody(List.of("avc: \"ö\""), Optional.empty()));
        put(all, "explain a file", new ExplainBody(List.of(), Optional.of(Samples.LATIN)));
        put(all, "trust what is found", new TrustBody(Samples.ODD, Optional.empty()));
    }

    private static void put(Map<String, String> all, String name, Record record) {
        all.put(name, new String(ApiJson.body(record), StandardCharsets.UTF_8));
    }

    private static String text(Json json) {
        return JsonWriter.compact(json);
    }

    private static String text(JsonLists lists) {
        StringBuilder text = new StringBuilder();
        try {
            new JsonListsWriter(false, text).write(lists);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
