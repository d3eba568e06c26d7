package oracle;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.camunda.feel.api.EvaluationResult;
import org.camunda.feel.api.FeelEngineApi;
import org.camunda.feel.api.FeelEngineBuilder;

/**
 * Evaluates FEEL as Camunda's connector runtime does: its engine, its Java values, its JSON.
 *
 * <p>A line in: {@code {"expression": "…", "variables": {…}}}. A line out: {@code {"value": …}} or {@code {"error": "…"}}.
 * With {@code "times": n} the expression is evaluated so many times, and the line out is {@code {"nanoseconds": …}}.
 */
public final class Oracle {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModules(new Jdk8Module(), new JavaTimeModule())
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .build();
  private static final FeelEngineApi ENGINE = FeelEngineBuilder.forJava().build();

  private Oracle() {}

  public static void main(String[] arguments) throws IOException {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    var out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.write(answer(line));
      out.newLine();
      out.flush(); // at once: when the next expression hangs, the asker must know which one it was
    }
  }

  @SuppressWarnings("unchecked")
  private static String answer(String line) throws IOException {
    try {
      Map<String, Object> question = JSON.readValue(line, Map.class);
      return JSON.writeValueAsString(question.containsKey("times") ? measure(question) : evaluate(question));
    } catch (Exception | StackOverflowError failure) {
      return JSON.writeValueAsString(Map.of("error", failure.getClass().getSimpleName() + ": " + failure.getMessage()));
    }
  }

  private static Map<String, Object> measure(Map<String, Object> question) throws IOException {
    int times = (Integer) question.get("times");
    long begun = System.nanoTime();
    for (int i = 0; i < times; i++) {
      JSON.writeValueAsBytes(evaluate(question));
    }
    return Map.of("nanoseconds", System.nanoTime() - begun);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> evaluate(Map<String, Object> question) {
    String expression = (String) question.get("expression");
    Map<String, Object> variables = (Map<String, Object>) question.getOrDefault("variables", Map.of());
    EvaluationResult result = ENGINE.evaluateExpression(expression, variables);
    var answer = new LinkedHashMap<String, Object>();
    if (result.isSuccess()) {
      answer.put("value", result.result());
    } else {
      answer.put("error", result.failure().message());
    }
    return answer;
  }
}
