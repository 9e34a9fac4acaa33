package labeler.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.descriptors.Comparison;
import labeler.descriptors.Drift;
import labeler.descriptors.OpenMode;
import labeler.json.Json;
import labeler.json.JsonLists;
import labeler.json.JsonListsWriter;
import labeler.json.JsonWriter;
import labeler.leftover.ScanRequest;
import labeler.lifecycle.StartRequest;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import org.apache.commons.io.IOUtils;
import org.junit.jupiter.api.Test;

/** Scripts depend on every byte of it: what is written now is what was written when golden.txt was recorded. */
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
        all.put("vm", text(VmJson.vm(Samples.fullVm())));
        all.put("bare vm", text(VmJson.vm(Samples.bareVm())));
        all.put("started", text(VmJson.started(Samples.fullVm(), HostPath.of("/run/labeler/descriptors.sock"))));
        all.put("started without descriptors", text(VmJson.started(Samples.bareVm(), HostPath.of("/run/x"))));
        all.put("started and rewritten", text(VmJson.started(Samples.rewrittenVm(), Samples.LATIN)));
        all.put("attached", text(VmJson.attached(Samples.fullVm(), "data")));
        all.put("detached", text(VmJson.detached(Samples.report(), "data")));
        all.put("stopped", text(VmJson.stop(Samples.report())));
        all.put("stopped without files", text(VmJson.stop(Samples.emptyReport())));
        all.put("relabelled", text(VmJson.relabel(Samples.report())));
        all.put("verified", text(VmJson.verify(Samples.report())));
        all.put(
                "verified and compared",
                text(OpenFilesJson.with(
                        VmJson.verify(Samples.report()),
                        new Comparison.Compared(List.of(
                                new Drift.NotOpen(Samples.LATIN, new OpenMode(Access.READ_ONLY, true)),
                                new Drift.Writable(Samples.ODD, 7),
                                new Drift.Foreign(9, "/vm/other", "VM db1 holds it"))))));
        all.put(
                "verified and not compared",
                text(OpenFilesJson.with(
                        VmJson.verify(Samples.emptyReport()), new Comparison.NotCompared("nobody may look"))));
        all.put("recovered", text(VmJson.recover(Samples.recovery())));
        all.put("matrix", text(VmJson.matrix(Samples.matrix())));
        all.put("scanned", text(ScanBody.page(Samples.scanned())));
        all.put("scanned to the end", text(ScanBody.page(Samples.lastPage())));
        all.put("trusted", text(TrustJson.trusted(Samples.trusted(), false)));
        all.put("would be trusted", text(TrustJson.trusted(Samples.trusted(), true)));
        all.put("refused", text(Refusal.because(Samples.problems()).json()));
        all.put(
                "usage",
                text(Refusal.because(Refusal.Reason.USAGE, "not \"so\"").json()));
        all.put(
                "chain",
                text(ChainJson.of(
                        FileName.of("/vm/t\u00f6p"),
                        Samples.chain(),
                        file -> Optional.of("a label")
                                .filter(_ -> file.identity().inode() > 0))));
    }

    private static void bodies(Map<String, String> all) {
        StartBody.CommandLine line = new StartBody.CommandLine(
                List.of("qemu".getBytes(StandardCharsets.US_ASCII), "-hda /vm/ö".getBytes(StandardCharsets.UTF_8)),
                HostPath.of("/home/\u00f6"));
        all.put("start", text(body(line, Optional.empty(), StartRequest.Launch.ELSEWHERE)));
        all.put(
                "start in bytes",
                text(body(
                        new StartBody.CommandLine(
                                List.of("qemu".getBytes(StandardCharsets.US_ASCII), Samples.latin("\u00e4")),
                                Samples.LATIN),
                        Optional.of(new Pid(4711)),
                        StartRequest.Launch.RUN)));
        all.put(
                "start of a domain",
                text(body(
                        new StartBody.DomainXml("<domain a='ö'/>".getBytes(StandardCharsets.UTF_8)),
                        Optional.empty(),
                        StartRequest.Launch.ELSEWHERE)));
        all.put(
                "start of a domain in bytes",
                text(body(
                        new StartBody.DomainXml(Samples.latin("<domain a='\u00f6'/>")),
                        Optional.empty(),
                        StartRequest.Launch.ELSEWHERE)));
        all.put(
                "plan",
                text(new StartBody(
                                line,
                                Optional.of(Samples.WEB),
                                Optional.of(Samples.LEVEL),
                                Optional.empty(),
                                StartRequest.Launch.ELSEWHERE)
                        .bytes()));
        DiskBody disk = new DiskBody(List.of("driver=qcow2,node-name=ö"), Optional.of("d"), Optional.of(Samples.ODD));
        all.put("attach", text(disk.attach()));
        all.put("attach without device", text(new DiskBody(List.of(), Optional.empty(), Optional.empty()).attach()));
        all.put("detach", text(disk.detach()));
        all.put("scan", text(ScanBody.of(new ScanRequest(Samples.LATIN, Optional.of(Samples.ODD), true))));
        all.put("first scan", text(ScanBody.of(new ScanRequest(HostPath.of("/vm"), Optional.empty(), false))));
        all.put("trust", text(new TrustJson.Request(Samples.LATIN, Optional.of(ImageFormat.VHDX)).bytes()));
        all.put("trust what is found", text(new TrustJson.Request(Samples.ODD, Optional.empty()).bytes()));
    }

    private static byte[] body(StartBody.Source source, Optional<Pid> pid, StartRequest.Launch launch) {
        return new StartBody(source, Optional.empty(), Optional.empty(), pid, launch).bytes();
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

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
