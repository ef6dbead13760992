// A problem in the server's own words, and where they are explained.
import { Alert, AlertActionLink, Button } from "@patternfly/react-core";
import { documentation, isProblem, slug } from "../api/problem";
import { visible } from "../text/visible";

export function ProblemAlert({ problem, doing, retry }: { problem: unknown; doing: string; retry?: () => void }) {
  if (!isProblem(problem)) return <Alert variant="danger" isInline title={`${doing}: something in this page failed`} />;
  const link = documentation(problem);
  return (
    <Alert
      variant={problem.status === 0 || problem.status === 503 ? "warning" : "danger"}
      isInline
      title={`${doing}: ${visible(problem.title)}`}
      actionLinks={
        (link || retry) && (
          <>
            {link && (
              <AlertActionLink component="a" href={link} target="_blank" rel="noreferrer">
                What &ldquo;{slug(problem) ?? "this"}&rdquo; means
              </AlertActionLink>
            )}
            {retry && (
              <Button variant="link" isInline onClick={retry}>
                Ask again
              </Button>
            )}
          </>
        )
      }
    >
      {problem.detail && <p>{visible(problem.detail)}</p>}
      {problem.errors && problem.errors.length > 0 && (
        <ul>
          {problem.errors.map((error, index) => (
            <li key={index}>
              {error.pointer && <code>{visible(error.pointer)}</code>} {error.reason && visible(error.reason)}
            </li>
          ))}
        </ul>
      )}
      {problem.retryAfterSeconds !== undefined && <p>It may work again in {problem.retryAfterSeconds} s.</p>}
      {problem.requestId && (
        <p className="ql-muted">
          Request <code>{visible(problem.requestId)}</code>
        </p>
      )}
    </Alert>
  );
}
